import type { FastifyInstance } from 'fastify'
import type { Caller } from '#serve/caller'
import { ApiError } from '#wire/errors'
import { inNameOf } from './caller.ts'

/** What a line was answered, as it is kept. */
export interface LineReply {
  status_code: number
  request_id: string
  body: unknown
}

export type LineOutcome =
  | { type: 'answered'; reply: LineReply }
  /** It was refused before anything was done for it: its turn comes again. */
  | { type: 'refused'; afterMs: number }

/** Refusals that say nothing of the line and come before an engine has begun with it. */
const passing: ReadonlySet<unknown> = new Set([
  'overloaded',
  'rate_limit_exceeded',
  'shutting_down',
  'store_busy',
  'store_unavailable',
  'request_in_progress',
])

export type CallLine = (
  caller: Caller,
  endpoint: string,
  body: Record<string, unknown>,
  signal: AbortSignal,
) => Promise<LineOutcome>

/** Runs lines through the routes that answer requests from the network. */
export function lineCaller(app: FastifyInstance): CallLine {
  return async (caller, endpoint, body, signal) => {
    const unfit = ['stream', 'background'].find((field) => body[field] === true)
    if (unfit !== undefined) {
      const error = new ApiError('unsupported_value', `A line of a batch cannot ask for '${unfit}'.`, unfit)
      return { type: 'answered', reply: { status_code: error.status, request_id: '', body: error.body() } }
    }
    const call = {
      method: 'POST',
      url: endpoint as `/${string}`,
      headers: { host: 'localhost', 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    } as const
    // Awaited inside: the call is only made by who waits for it.
    const reply = await inNameOf(caller, signal, async () => await app.inject(call))
    signal.throwIfAborted()
    const said: unknown = JSON.parse(reply.payload)
    if (reply.statusCode >= 400 && passing.has(codeIn(said)))
      return { type: 'refused', afterMs: 1000 * (Number(reply.headers['retry-after']) || 1) }
    const request_id = String(reply.headers['x-request-id'])
    return { type: 'answered', reply: { status_code: reply.statusCode, request_id, body: said } }
  }
}

const codeIn = (body: unknown): unknown => (body as { error?: { code?: unknown } } | null)?.error?.code
