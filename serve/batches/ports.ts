import type { Caller } from '#serve/caller'
import type { Store } from '#store/open'
import type { CallLine } from './line-call.ts'

/** What a job of the kind `batch` is given. */
export interface BatchJob {
  batch: string
  /** In whose name its lines are run. */
  caller: Caller
}

export interface BatchPorts {
  store: Store
  call: CallLine
  /** Lines that may run at once now, over all batches of this server. */
  room: () => number
  /** True once no line is to be begun any more. */
  closing: () => boolean
  log: (line: string) => void
  leaseMs: number
  turnMs: number
}
