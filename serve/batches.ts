import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Engine } from '#serve/engine'
import type { Store } from '#store/open'
import { limits } from '#wire/limits'
import { lineCaller } from './batches/line-call.ts'
import type { BatchJob, BatchPorts } from './batches/ports.ts'
import { Turn } from './batches/turn.ts'

/** How long after a server's death another one takes up its batches, and how often they take turns, ms. */
export interface BatchTimes {
  leaseMs: number
  turnMs: number
  pollMs: number
}

const usualTimes: BatchTimes = { leaseMs: 10_000, turnMs: limits.batchTurnMs, pollMs: 2000 }
const kind = 'batch'

export interface BatchOptions {
  store: Store
  engine: Engine
  closing: () => boolean
  log: (line: string) => void
  times?: BatchTimes
}

/** Works on batches while the server runs: on one of them at each server at a time, and on none that another holds. */
export class BatchWorker {
  readonly #ports: BatchPorts
  readonly #engine: Engine
  readonly #times: BatchTimes
  readonly #turns = new Map<Turn, Promise<void>>()
  /** Lines that are being run. */
  #lines = 0
  #stopped = false
  #woken = new AbortController()
  #loop: Promise<void> | null = null

  constructor(app: FastifyInstance, { store, engine, closing, log, times = usualTimes }: BatchOptions) {
    this.#engine = engine
    this.#times = times
    const call = lineCaller(app)
    this.#ports = {
      store,
      log,
      closing: () => this.#stopped || closing(),
      room: () => this.#room(),
      call: async (...line) => {
        this.#lines++
        try {
          return await call(...line)
        } finally {
          this.#lines--
        }
      },
      leaseMs: times.leaseMs,
      turnMs: times.turnMs,
    }
  }

  /** What the store is to do together with the creation of a batch. */
  job(input: BatchJob) {
    return this.#ports.store.plan.jobs.create(input.caller.owner, { kind, input })
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** There is something to do, or a batch was cancelled. */
  wake(cancelled?: string): void {
    for (const turn of this.#turns.keys()) if (turn.batch === cancelled) turn.interrupt()
    this.#woken.abort()
  }

  /** Begins nothing more and resolves when what was begun is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#woken.abort()
    await this.#loop
    await Promise.all(this.#turns.values())
  }

  /** Whoever waits for an answer goes first: lines give way to other requests, all but one of them. */
  #room(): number {
    const others = Math.max(0, this.#engine.status().active - this.#lines)
    return Math.max(1, limits.batchLinesAtOnce - others)
  }

  async #run(): Promise<void> {
    while (!this.#ports.closing()) {
      this.#woken = new AbortController()
      const { signal } = this.#woken
      if (this.#turns.size < limits.batchesAtOnce && (await this.#begin())) continue
      await wait(this.#times.pollMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Begins the turn of a batch that is due; false where there is none. */
  async #begin(): Promise<boolean> {
    try {
      const held = await this.#ports.store.jobs.claim([kind], this.#times.leaseMs)
      if (held === null) return false
      const turn = new Turn(this.#ports, held)
      const taken = turn.take().finally(() => {
        this.#turns.delete(turn)
        this.#woken.abort()
      })
      this.#turns.set(turn, taken)
      return true
    } catch (error) {
      this.#ports.log(`Batches: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
  }
}
