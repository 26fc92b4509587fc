import type { FastifyInstance } from 'fastify'
import type { Metering } from '#serve/metering'
import type { Store } from '#store/open'
import { auditRoutes } from './audit-routes.ts'
import { keyRoutes } from './key-routes.ts'
import { limitRoutes } from './limit-routes.ts'
import { projectRoutes } from './project-routes.ts'
import { usageRoutes } from './usage-routes.ts'

/** `/v1/organization/*`: what was used and what it cost, who is there, and what was done. */
export function administrationRoutes(app: FastifyInstance, store: Store, metering: Metering): void {
  usageRoutes(app, store)
  limitRoutes(app, store, metering)
  auditRoutes(app, store)
  projectRoutes(app, store)
  keyRoutes(app, store)
}
