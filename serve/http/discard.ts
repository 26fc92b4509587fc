import type { IncomingMessage } from 'node:http'
import type { FastifyReply } from 'fastify'
import { limits } from '#wire/limits'

/**
 * A refusal is only read by a client that may go on sending meanwhile: the rest is taken and dropped for a while, since a
 * connection that is closed over unread bytes is reset, and what was replied is lost with it. One that sends longer than
 * that is cut.
 */
export function discardRest(raw: IncomingMessage, reply: FastifyReply): void {
  if (raw.complete) return
  raw.resume()
  reply.removeHeader('connection')
  const patience = setTimeout(() => raw.complete || raw.destroy(), limits.uploadDiscardMs)
  raw.once('close', () => clearTimeout(patience))
}
