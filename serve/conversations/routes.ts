import type { FastifyInstance } from 'fastify'
import type { RouteOptions } from '../http/routes.ts'
import { answerRoutes } from './answer-routes.ts'
import { listRoutes } from './list-routes.ts'
import { opinionRoutes } from './opinion-routes.ts'
import { shelfRoutes } from './shelf-routes.ts'

/** `/api/conversations…`: the conversations of the page. Only where something is kept. */
export function conversationRoutes(app: FastifyInstance, options: RouteOptions): void {
  const { store } = options
  if (store === null) return
  listRoutes(app, store)
  shelfRoutes(app, store)
  answerRoutes(app, { ...options, store })
  opinionRoutes(app, store)
}
