import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { batchKind, type Metering, type Work } from '#serve/metering'
import { callerInside } from '../batches/caller.ts'
import { rateHeaders } from '../metering/rates.ts'

const kinds: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'completion',
  '/v1/messages': 'message',
  '/v1/responses': 'response',
  '/v1/embeddings': 'embedding',
  '/infill': 'infill',
}

/** Tells on every reply what is left of the caller's limits; gives back what a request is in the ledger. */
export function meterRequests(app: FastifyInstance, metering: Metering): (request: FastifyRequest) => Work {
  const replies = new WeakMap<FastifyRequest, FastifyReply>()
  app.addHook('onRequest', async (request, reply) => {
    replies.set(request, reply)
  })
  app.addHook('onSend', async (request, reply) => {
    const { caller } = request
    if (!caller?.organisation || !request.url.startsWith('/v1/')) return
    if (reply.hasHeader('x-ratelimit-limit-requests') || reply.hasHeader('x-ratelimit-limit-tokens')) return
    reply.headers(rateHeaders(await metering.rates(caller)))
  })
  app.addHook('onClose', async () => metering.close())
  return (request) => {
    const reply = replies.get(request)
    return {
      caller: request.caller,
      request: request.id,
      kind: `${callerInside() === null ? '' : batchKind}${kinds[request.routeOptions.url ?? ''] ?? 'other'}`,
      streamed: isStreamed(request),
      gone: () => reply?.raw.destroyed === true,
      tell: (rates) => {
        if (reply !== undefined && !reply.sent) reply.headers(rateHeaders(rates))
      },
    }
  }
}

/** Whether what is written can be read before it is whole: as a stream, or where the answer is kept as it grows. */
function isStreamed({ body, routeOptions }: FastifyRequest): boolean {
  const { stream, background } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  return stream === true || background === true || (routeOptions.url ?? '').startsWith('/api/conversations')
}
