import { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ErrorCode } from '#wire/errors'
import { answerBrokenRequest } from './failures.ts'

/**
 * Node has one time within which every request must have arrived, and forms with files need a long one. All others are
 * given `ms`.
 */
export function bodyDeadline(app: FastifyInstance, ms: number, failed: (code: ErrorCode) => void): void {
  app.addHook('onRequest', async ({ raw, routeOptions }: FastifyRequest) => {
    // A request that this process makes of itself is there at once.
    if (raw.complete || routeOptions.config.slowBody === true || !(raw.socket instanceof Socket)) return
    const late = () => {
      if (raw.complete || raw.socket.destroyed) return
      answerBrokenRequest(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), raw.socket, failed)
    }
    const timer = setTimeout(late, ms)
    raw.once('close', () => clearTimeout(timer))
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A form with a file may take long to arrive. */
    slowBody?: boolean
  }
}
