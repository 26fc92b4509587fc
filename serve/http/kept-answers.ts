import type { FastifyInstance } from 'fastify'
import type { Runs } from '../responses/runs.ts'
import { completionRoutes } from './completions-kept.ts'
import { responseConversationRoutes } from './response-conversations.ts'
import { responseRoutes } from './responses.ts'
import { keptResponseRoutes } from './responses-kept.ts'
import type { RouteOptions } from './routes.ts'

/** Responses, conversations and completions that are kept; where nothing is, responses alone. */
export function keptAnswers(app: FastifyInstance, routes: RouteOptions, runs: Runs | null): void {
  const { store } = routes
  responseRoutes(app, { ...routes, runs })
  if (store === null || runs === null) return
  const kept = { ...routes, store, runs }
  keptResponseRoutes(app, kept)
  responseConversationRoutes(app, kept)
  completionRoutes(app, kept)
  app.addHook('onReady', async () => runs.tend())
  app.addHook('onClose', () => runs.close())
}
