/**
 * What went wrong, in the few kinds that ask a person for different next steps. `offline`: nothing answered;
 * `unready`: the model does not answer yet; `busy`: too many requests; `refused`: the request itself; `server`: the server
 * failed; `cut`: the answer broke off; `unreadable`: what came was not the protocol; `reloaded`: the page was closed;
 * `lost`: the server ended; `gone`: the conversation is no longer there; `signed-out`: the session has ended.
 */
export type FailureKind =
  | 'offline'
  | 'unready'
  | 'busy'
  | 'refused'
  | 'server'
  | 'cut'
  | 'unreadable'
  | 'reloaded'
  | 'lost'
  | 'gone'
  | 'signed-out'

export interface Failure {
  kind: FailureKind
  /** The server's own words, if it said any. */
  detail: string
  requestId: string
}

export class AnswerFailed extends Error {
  readonly failure: Failure

  constructor(kind: FailureKind, detail = '', requestId = '') {
    super(detail || kind)
    this.name = 'AnswerFailed'
    this.failure = { kind, detail, requestId }
  }
}

/** The kind of failure that an HTTP status and the server's error code stand for. */
export function kindOf(status: number, code: string): FailureKind {
  if (status === 429 || code === 'overloaded') return 'busy'
  if (status === 503) return 'unready'
  return status >= 500 ? 'server' : 'refused'
}
