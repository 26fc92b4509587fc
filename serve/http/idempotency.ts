import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { recorded } from './event-stream.ts'

/**
 * `Idempotency-Key`: the same request under the same key has one answer for a day, also after a restart. What was
 * streamed is said again word for word and at once, without the pauses; a stream that its reader left was not answered,
 * and is made anew.
 */

/** What is kept of an answer. */
type Kept =
  | { kind: 'whole'; status: number; type: string; body: string }
  | { kind: 'events'; text: string }
  /** Its events are kept with the response itself, and may still be going on. */
  | { kind: 'response'; id: string }
  /** Done, but longer than what is kept. */
  | { kind: 'too_long' }

/** A request that came with a key, and is the first with it. */
export interface Claim {
  /** To be done in the transaction that makes what is asked for: from then on it is done once, whatever happens. */
  finish(kept: Kept): ReturnType<Store['plan']['idempotency']['finish']>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null without a key. */
    claim: (Claim & { settled: boolean }) | null
    /** The response that an earlier request with this key began. */
    begun: string | null
  }
}

/** Every POST whose body is JSON can be repeated: no route has to do anything for it. */
export function idempotency(app: FastifyInstance, store: Store | null): void {
  app.decorateRequest('claim', null)
  app.decorateRequest('begun', null)
  app.addHook('preHandler', async (request, reply) => {
    // A form's bytes are not read yet: form-once.ts takes them and looks after its key.
    if (request.method !== 'POST' || request.headers['content-type']?.startsWith('multipart/')) return
    const key = keyOf(request, store)
    if (key !== null) return claim(request, reply, store as Store, key)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const { claim: held } = request
    if (held === null || held.settled || reply.statusCode >= 400 || store === null) return
    held.settled = true
    const body = typeof payload === 'string' ? payload : ''
    const type = String(reply.getHeader('content-type') ?? '')
    const whole: Kept = { kind: 'whole', status: reply.statusCode, type, body }
    // A new key or the like is said once and kept nowhere.
    const secret = reply.getHeader('cache-control') === 'no-store'
    await store.together([held.finish(secret ? { kind: 'too_long' } : bounded(whole, body))])
  })
}

/** The request's key; null without one. @throws ApiError where it is none, or nothing is kept here */
export function keyOf({ headers, caller }: FastifyRequest, store: Store | null): string | null {
  const key = headers['idempotency-key']
  if (key === undefined) return null
  checkKey(key, store, caller.owner)
  return String(key)
}

function checkKey(key: string | string[], store: Store | null, owner: string): void {
  const refuse = (text: string) => {
    throw new ApiError('invalid_value', text, 'Idempotency-Key')
  }
  if (store === null || owner === '') refuse("'Idempotency-Key' is not supported: this server keeps nothing.")
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key) || key.length > limits.idempotencyKeyLength)
    refuse(`Invalid 'Idempotency-Key': expected 1 to ${limits.idempotencyKeyLength} printable characters.`)
}

const bounded = (kept: Kept, text: string): Kept =>
  Buffer.byteLength(text) > limits.idempotentReplyBytes ? { kind: 'too_long' } : kept

async function claim(request: FastifyRequest, reply: FastifyReply, store: Store, key: string): Promise<unknown> {
  const { owner } = request.caller
  const begun = await store.idempotency.begin(owner, key, fingerprint(request)).catch((error: unknown) => {
    // Soon, and not at the end of the longest time that the first may take.
    if (error instanceof StoreError && error.code === 'in_progress')
      throw new ApiError('request_in_progress', '', 'Idempotency-Key', 1)
    throw error
  })
  if (begun.state === 'done') return again(request, reply, begun.answer as Kept)
  const held = {
    settled: false,
    finish(kept: Kept) {
      held.settled = true
      return store.plan.idempotency.finish(owner, key, begun.holder, kept)
    },
  }
  request.claim = held
  record(reply, held, store)
  reply.raw.once('close', () => {
    if (!held.settled) store.idempotency.release(owner, key, begun.holder).catch(() => {})
  })
}

/** The method, the address and what was asked; in which order a client wrote the fields does not matter. */
function fingerprint({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify(body ?? null)}`)
    .digest('hex')
}

function record(reply: FastifyReply, held: Claim & { settled: boolean }, store: Store): void {
  let text = ''
  let bytes = 0
  recorded.set(reply.raw, {
    add(more) {
      bytes += Buffer.byteLength(more)
      text = bytes > limits.idempotentReplyBytes ? '' : text + more
    },
    async keep() {
      if (held.settled) return
      const kept: Kept = bytes > limits.idempotentReplyBytes ? { kind: 'too_long' } : { kind: 'events', text }
      await store.together([held.finish(kept)])
    },
  })
}

function again(request: FastifyRequest, reply: FastifyReply, kept: Kept): FastifyReply | null {
  reply.header('idempotent-replayed', 'true')
  if (kept.kind === 'response') {
    request.begun = kept.id
    return null
  }
  if (kept.kind === 'too_long')
    throw new ApiError(
      'conflict',
      `The first request with this Idempotency-Key was answered, but with a secret that is said once, or more than the ${limits.idempotentReplyBytes} bytes that are kept.`,
      'Idempotency-Key',
    )
  if (kept.kind === 'whole')
    return reply
      .code(kept.status)
      .type(kept.type)
      .serializer((text) => text as string)
      .send(kept.body)
  return reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store, no-transform')
    .serializer((text) => text as string)
    .send(kept.text)
}
