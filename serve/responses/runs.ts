import type { EngineEvent } from '#serve/engine'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import type { ResponseEvent } from '#wire/response-events'
import type { ResponseBody } from '#wire/responses'
import { asApiError } from '../http/failures.ts'
import { inOurWords } from './asked.ts'
import { settleLost, settleNow } from './settle.ts'
import type { ResponseWriter } from './writer.ts'

/** What is done together, in one transaction. */
export type Calls = Parameters<Store['together']>[0]

export interface Commission {
  owner: string
  writer: ResponseWriter
  events: AsyncIterable<EngineEvent>
  /** Stops the engine. */
  stop: AbortController
  /** Events that were kept when the response was. */
  kept: number
  /** What else is kept with a response that was answered. */
  besides: (response: ResponseBody) => Calls
}

/** A stream to which nothing is said for a minute has lost its server: this one says that it is there. */
const beatMs = 20_000
const tendMs = 5000

/** Responses that are being made here and kept as they grow, whether anybody reads them or not. */
export class Runs {
  readonly #store: Store
  readonly #log: (line: string) => void
  readonly #runs = new Map<string, Run>()
  #timer: NodeJS.Timeout | null = null
  #tending: Promise<void> | null = null

  constructor(store: Store, log: (line: string) => void) {
    this.#store = store
    this.#log = log
  }

  get size(): number {
    return this.#runs.size
  }

  /** @returns what resolves when the response has ended and is kept, and rejects where that failed */
  start(id: string, commission: Commission): Run {
    const key = `${commission.owner}/${id}`
    const run = new Run(this.#store, id, commission, this.#log)
    this.#runs.set(key, run)
    void run.done.catch(() => {}).finally(() => this.#runs.delete(key))
    return run
  }

  /** Ends a response wherever it is made. @returns the response as it stands */
  async cancel(owner: string, id: string): Promise<ResponseBody> {
    const run = this.#runs.get(`${owner}/${id}`)
    if (run === undefined) return settleNow(this.#store, owner, id)
    run.cancel()
    await run.done.catch(() => {})
    return (await this.#store.responses.get(owner, id)).body as ResponseBody
  }

  /** From now on, what dead servers left is ended. */
  tend(): void {
    const look = () => {
      this.#tending ??= settleLost(this.#store)
        .catch((error: unknown) => this.#log(`Looking for lost responses failed: ${String(error)}`))
        .finally(() => {
          this.#tending = null
        })
    }
    look()
    this.#timer = setInterval(look, tendMs)
    this.#timer.unref()
  }

  /** Ends once nothing is made any more. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await Promise.allSettled([...[...this.#runs.values()].map(({ done }) => done), this.#tending])
  }
}

export class Run {
  readonly done: Promise<void>
  /** Aborted where what is said can be kept no more: who waits for it waits in vain. */
  readonly broken = new AbortController()
  readonly #store: Store
  readonly #id: string
  readonly #commission: Commission
  readonly #log: (line: string) => void
  #pending: ResponseEvent[] = []
  #next: number
  #keeping: Promise<void> | null = null
  #cancelled = false
  /** Somebody else ended the response. */
  #superseded = false

  constructor(store: Store, id: string, commission: Commission, log: (line: string) => void) {
    this.#store = store
    this.#id = id
    this.#commission = commission
    this.#log = log
    this.#next = commission.kept
    this.done = this.#go()
  }

  cancel(): void {
    this.#cancelled = true
    this.#commission.stop.abort(new ApiError('client_closed_request'))
  }

  async #go(): Promise<void> {
    const beat = setInterval(() => void this.#beat(), beatMs)
    beat.unref()
    try {
      await this.#follow()
      await this.#settle()
    } catch (error) {
      if (this.#superseded) return
      this.#log(`The response ${this.#id} could not be kept: ${error instanceof Error ? error.stack : String(error)}`)
      this.broken.abort(error)
      throw error
    } finally {
      clearInterval(beat)
    }
  }

  async #follow(): Promise<void> {
    const { writer, events, stop } = this.#commission
    try {
      for await (const event of events) {
        this.#pending.push(...writer.see(event))
        this.#keep()
        if (this.#pending.length > limits.eventsWaiting) await this.#keeping
      }
      if (!writer.ended) throw new ApiError('client_closed_request')
    } catch (error) {
      if (this.broken.signal.aborted || this.#superseded) throw error
      const failure = inOurWords(asApiError(error, this.#id, this.#log))
      this.#pending.push(...writer.stop(failure, this.#cancelled || stop.signal.aborted))
    }
    while (this.#keeping !== null) await this.#keeping
    if (this.broken.signal.aborted || this.#superseded) throw this.broken.signal.reason
  }

  /** Keeps what is there; what comes meanwhile is kept together after it. */
  #keep(): void {
    if (this.#pending.length === 0 || this.broken.signal.aborted || this.#superseded) return
    this.#keeping ??= this.#append()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#keeping = null
        this.#keep()
      })
  }

  async #append(): Promise<void> {
    const { owner } = this.#commission
    const lines = this.#take()
    await this.#store.streams.append(owner, this.#id, this.#next - lines.length, lines)
  }

  #take(): string[] {
    const lines = this.#pending.map((event) => JSON.stringify(event))
    this.#pending = []
    this.#next += lines.length
    return lines
  }

  async #beat(): Promise<void> {
    if (this.#keeping !== null) return
    this.#keeping = this.#store.streams
      .append(this.#commission.owner, this.#id, this.#next, [])
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#keeping = null
        this.#keep()
      })
  }

  #fail(error: unknown): void {
    // The stream was ended by whoever cancelled the response on another node, or deleted it.
    const code = error instanceof StoreError ? error.code : ''
    if (code === 'conflict' || code === 'absent') this.#superseded = true
    else this.broken.abort(error)
    this.#commission.stop.abort(new ApiError('client_closed_request'))
  }

  /** The last event, the end of the stream and the response as it ended: all are kept, or none. */
  async #settle(): Promise<void> {
    const { owner, writer, besides } = this.#commission
    const { plan } = this.#store
    this.#pending.push(writer.ending())
    const lines = this.#take()
    const response = writer.body()
    const answered = response.status === 'completed' || response.status === 'incomplete'
    try {
      await this.#store.together([
        plan.streams.append(owner, this.#id, this.#next - lines.length, lines),
        plan.streams.finish(owner, this.#id, response.status === 'failed' ? 'failed' : 'finished'),
        plan.responses.finish(owner, this.#id, { status: response.status, body: response }),
        ...(answered ? besides(response) : []),
      ])
    } catch (error) {
      this.#fail(error)
      throw error
    }
  }
}
