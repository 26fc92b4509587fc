import type { FastifyInstance } from 'fastify'
import type { People } from '#serve/people'
import { accountRoutes } from './account.ts'
import { invitationRoutes } from './invitations.ts'
import { keyRoutes } from './keys.ts'
import { memberRoutes, organizationRoutes } from './organization.ts'
import { projectRoutes } from './projects.ts'
import { secondFactorRoutes } from './second-factor.ts'
import { sessionRoutes } from './session.ts'

/** Everything about people: `/api/session`, `/api/account`, `/api/keys`, `/api/organization`, `/api/invitations`. */
export function peopleRoutes(app: FastifyInstance, people: People): void {
  sessionRoutes(app, people)
  accountRoutes(app, people)
  secondFactorRoutes(app, people)
  keyRoutes(app, people)
  organizationRoutes(app, people)
  projectRoutes(app, people)
  memberRoutes(app, people)
  invitationRoutes(app, people)
}
