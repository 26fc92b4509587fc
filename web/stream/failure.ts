/**
 * What went wrong, in the few kinds that ask a person for different next steps. `offline`: nothing answered;
 * `loading`: the model is not ready; `busy`: too many requests; `refused`: the request itself; `server`: the server
 * failed; `cut`: the answer broke off; `unreadable`: what came was not the protocol; `reloaded`: the page was closed.
 */
export type FailureKind = 'offline' | 'loading' | 'busy' | 'refused' | 'server' | 'cut' | 'unreadable' | 'reloaded'

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

/** The kind of failure that an HTTP status stands for. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 503) return 'loading'
  if (status === 429) return 'busy'
  return status >= 500 ? 'server' : 'refused'
}
