import { EventEmitter, once } from 'node:events'
import type { Bound, Call } from '../ground/operation.ts'
import type { StreamEvent, StreamState, streams } from '../streams.ts'

export interface FollowOptions {
  /** The last event that the reader has. */
  after?: number
  signal?: AbortSignal
}

export interface Followed {
  events: StreamEvent[]
  /** Null while it goes on. */
  ended: Exclude<StreamState, 'open'> | null
}

export type StreamDoor = Bound<typeof streams> & {
  /** What there is, then what comes, until the stream ends: on this node at once, on others as often as is looked. */
  follow(owner: string, id: string, options?: FollowOptions): AsyncGenerator<Followed>
}

/** How often another node's events are looked for. */
const lookMs = 200

/** Tells those who follow a stream on this node that there is more of it. */
export class StreamNews {
  readonly #written = new EventEmitter().setMaxListeners(0)

  /** Takes note of a call that has been kept, and of the calls in it. */
  tell({ name, args }: Call): void {
    if (name === 'streams.append' || name === 'streams.finish') this.#written.emit(nameOf(args[0], args[1]))
    else if (name === 'together.all') for (const each of args[0] as Call[]) this.tell(each)
    else if (name === 'idempotency.once') this.tell(args[3] as Call)
  }

  /** Resolves at the next news of a stream, after a while, or when nobody waits any more. */
  async next(owner: string, id: string, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(lookMs)])
    await once(this.#written, nameOf(owner, id), { signal: limit }).catch(() => {})
  }
}

const nameOf = (owner: unknown, id: unknown): string => `${owner}/${id}`

export function followable(bound: Bound<typeof streams>, news: StreamNews): StreamDoor {
  return { ...bound, follow: (owner, id, options = {}) => follow(bound, news, owner, id, options) }
}

async function* follow(
  { read }: Bound<typeof streams>,
  news: StreamNews,
  owner: string,
  id: string,
  { after = -1, signal }: FollowOptions,
): AsyncGenerator<Followed> {
  let last = after
  while (!signal?.aborted) {
    const waiting = new AbortController()
    // Listening begins before reading: what is written in between is not missed.
    const more = news.next(owner, id, AbortSignal.any(signal ? [signal, waiting.signal] : [waiting.signal]))
    try {
      const { events, state, ended } = await read(owner, id, last)
      last = events.at(-1)?.seq ?? last
      const end = ended && state !== 'open' ? state : null
      if (events.length > 0 || end) yield { events, ended: end }
      if (end) return
      if (events.length === 0) await more
    } finally {
      waiting.abort()
    }
  }
}
