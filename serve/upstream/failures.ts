import { EgressError } from '#serve/egress'
import { ApiError } from '#wire/errors'
import { GarbledReplyError, UpstreamSaidError } from './answer-reader.ts'
import { EventTooLongError } from './event-parser.ts'

/** A server answered with something else than success. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number
  /** What its error's body says. */
  readonly said: { message: string; code: string; param: string | null }
  readonly retryAfterSeconds: number | null

  constructor(status: number, said: StatusError['said'], retryAfterSeconds: number | null) {
    super(`status ${status}${said.message === '' ? '' : `: ${said.message}`}`)
    this.status = status
    this.said = said
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** A reply that ended before its answer. */
export class CutReplyError extends Error {
  override readonly name = 'CutReplyError'
}

export interface Judgement {
  /** Whether the server did well, badly, or neither: what its circuit is told. */
  well: boolean | null
  /** Whether another server may do better. */
  retry: boolean
  /** Whether this one may, at once. */
  again?: boolean
  /** What the client is told. */
  error: ApiError
}

const clients = new Set([400, 409, 413, 422])
const refusals = new Set([401, 403, 404, 405])

const unavailable = (id: string) =>
  new ApiError('model_unavailable', `The model '${id}' cannot be reached at the moment. Try again later.`, null, 2)
const failed = (id: string, how: string) =>
  new ApiError('upstream_failed', `The server of the model '${id}' ${how}. Try again in a moment.`, null, 1)

/** What a failure says about the server that it came from, and to the client. Its own words reach a client only as `said` by `scrub`. */
export function judgeFailure(failure: unknown, id: string, scrub: (text: string) => string): Judgement {
  if (failure instanceof ApiError) return { well: null, retry: false, error: failure }
  if (failure instanceof StatusError) return judgeStatus(failure, id, scrub)
  const bad = (error: ApiError, retry = true): Judgement => ({ well: false, retry, error })
  if (failure instanceof EgressError) {
    if (failure.code === 'closed')
      return { well: null, retry: true, again: true, error: failed(id, 'closed the connection') }
    if (failure.code === 'timeout') return bad(late(id))
    return bad(unavailable(id))
  }
  if (failure instanceof CutReplyError) return bad(failed(id, 'ended its reply before the answer was complete'))
  if (failure instanceof GarbledReplyError || failure instanceof EventTooLongError)
    return bad(failed(id, 'sent a reply that cannot be read'))
  if (failure instanceof UpstreamSaidError) return bad(failed(id, 'failed while it was answering'))
  return bad(failed(id, 'broke off its reply'))
}

export const late = (id: string) =>
  new ApiError(
    'upstream_timeout',
    `The server of the model '${id}' did not answer in time. Try again in a moment.`,
    null,
    1,
  )

/** How vLLM, SGLang and llama.cpp's server say that a prompt does not fit; they have no code for it. */
const tooLongWords =
  /maximum context length|longer than the model's context length|exceeds? the available context size/i

function judgeStatus(failure: StatusError, id: string, scrub: (text: string) => string): Judgement {
  const { status, said, retryAfterSeconds } = failure
  if (clients.has(status)) {
    const tooLong = said.code === 'context_length_exceeded' || tooLongWords.test(said.message)
    const code = tooLong ? 'context_length_exceeded' : 'bad_request'
    const text = scrub(said.message) || `The model '${id}' refuses the request.`
    return { well: true, retry: false, error: new ApiError(code, text, said.param === null ? null : scrub(said.param)) }
  }
  // Its operator's matter, and ours: the client can do nothing about a key or a name that is wrong.
  if (refusals.has(status)) return { well: null, retry: true, error: unavailable(id) }
  if (status === 429 || status === 503) {
    const wait = Math.min(60, Math.max(1, retryAfterSeconds ?? 2))
    const error = new ApiError('overloaded', `The model '${id}' is busy. Try again in ${wait} s.`, null, wait)
    return { well: status === 429 ? null : false, retry: true, error }
  }
  return { well: false, retry: true, error: failed(id, 'had an error') }
}
