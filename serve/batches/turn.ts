import { seconds } from '#serve/seconds'
import type { Batch } from '#store/batches'
import { StoreError } from '#store/errors'
import type { Held } from '#store/jobs'
import type { BatchLineError } from '#wire/batches'
import { limits } from '#wire/limits'
import { answerLines } from './answering.ts'
import { readInput } from './input.ts'
import { Lease } from './lease.ts'
import { writeAnswers } from './output.ts'
import type { BatchJob, BatchPorts } from './ports.ts'

/** How a batch whose lines are over ends. */
type Outcome = 'completed' | 'failed' | 'expired' | 'cancelled'

/** A batch that so many workers began without answering a single line of it is given up. */
const attemptsMost = 4

/** One turn of a batch: as far as it gets before another one is due, the server closes, or it is over. */
export class Turn {
  readonly #ports: BatchPorts
  readonly #lease: Lease
  readonly #input: BatchJob
  readonly #owner: string

  constructor(ports: BatchPorts, held: Held) {
    this.#ports = ports
    this.#input = held.job.input as BatchJob
    this.#owner = held.owner
    this.#lease = new Lease(ports.store, held, this.#input.batch, ports.leaseMs)
  }

  get batch(): string {
    return this.#input.batch
  }

  /** Its batch was cancelled: what runs of it ends now. */
  interrupt(): void {
    this.#lease.interrupt()
  }

  /** Never throws. A job that could not be gone on with is free again when its lease ends. */
  async take(): Promise<void> {
    const { log, store } = this.#ports
    const { held } = this.#lease
    try {
      const ended = await this.#advance()
      if (this.#lease.lost) return
      if (ended) await store.jobs.finish(this.#owner, held.job.id, held.holder, null)
      else await store.jobs.release(this.#owner, held.job.id, held.holder)
    } catch (error) {
      const gone = error instanceof StoreError && (error.code === 'lease_lost' || error.code === 'absent')
      if (!gone) log(`batch ${this.batch}: ${error instanceof Error ? error.stack : String(error)}`)
    } finally {
      await this.#lease.end()
    }
  }

  /** Whether the batch has ended. */
  async #advance(): Promise<boolean> {
    let batch = await this.#read()
    if (batch.ended !== null) return true
    const stopped = await this.#stopped()
    if (stopped !== null && batch.status !== 'cancelling') batch = await this.#close(batch, 'failed', [stopped])
    if (batch.status === 'validating') batch = await this.#examine(batch)
    if (batch.status === 'in_progress') batch = await this.#answer(batch)
    if (this.#lease.lost) return false
    if (batch.status !== 'finalizing' && batch.status !== 'cancelling') return batch.ended !== null
    await this.#conclude(batch)
    return true
  }

  #read(): Promise<Batch> {
    return this.#ports.store.batches.get(this.#owner, this.batch)
  }

  /** Why it must not go on, whatever is left of it. */
  async #stopped(): Promise<BatchLineError | null> {
    const { caller } = this.#input
    const about = (code: string, message: string) => ({ code, message, param: null, line: null })
    if (this.#lease.held.job.attempts >= attemptsMost)
      return about('engine_failed', `The server ended ${attemptsMost - 1} times while it worked on this batch.`)
    if (caller.key === '') return null
    const key = await this.#ports.store.keys.get(caller.organisation, caller.key)
    const over = key.revoked !== null || (key.expires !== null && key.expires <= Date.now())
    return over ? about('key_revoked', 'The key that this batch was created with is not valid any more.') : null
  }

  /** Leads a batch on if nobody has cancelled it meanwhile. */
  async #lead(change: () => Promise<Batch>): Promise<Batch> {
    try {
      return await change()
    } catch (error) {
      if (error instanceof StoreError && error.code === 'conflict') return this.#read()
      throw error
    }
  }

  async #examine(batch: Batch): Promise<Batch> {
    const { store } = this.#ports
    const { bytes } = await store.files.content(this.#owner, batch.input)
    const { lines, model, errors } = await readInput(batch, bytes)
    const now = seconds()
    if (errors.length > 0)
      return this.#lead(() =>
        store.batches.setStatus(this.#owner, batch.id, 'failed', { failed_at: now, errors }, ['validating']),
      )
    const detail = { in_progress_at: now, ...(model === null ? {} : { model }) }
    return this.#lead(() => store.batches.begin(this.#owner, batch.id, lines, detail))
  }

  async #answer(batch: Batch): Promise<Batch> {
    const { caller } = this.#input
    const left = await answerLines(this.#ports, this.#lease, batch, caller)
    if (this.#lease.lost) return batch
    if (left === 'none') return this.#close(batch, 'completed')
    if (Date.now() >= batch.expires) return this.#close(batch, 'expired')
    return this.#read()
  }

  #close(batch: Batch, outcome: Outcome, errors?: BatchLineError[]): Promise<Batch> {
    const detail = { finalizing_at: seconds(), outcome, ...(errors && { errors }) }
    const { store } = this.#ports
    return this.#lead(() =>
      store.batches.setStatus(this.#owner, batch.id, 'finalizing', detail, ['validating', 'in_progress']),
    )
  }

  async #conclude(batch: Batch): Promise<void> {
    const { store } = this.#ports
    const outcome = batch.status === 'cancelling' ? 'cancelled' : (batch.detail.outcome as Outcome)
    const kept = await writeAnswers(store, this.#owner, batch, unfinished[outcome])
    const detail = { ...kept, [`${outcome}_at`]: seconds() }
    await store.batches.setStatus(this.#owner, batch.id, outcome, detail, ['finalizing', 'cancelling'])
  }
}

/** What is said of lines that were not answered. */
const unfinished: Record<Outcome, { code: string; message: string }> = {
  completed: { code: 'batch_failed', message: 'This line was not answered.' },
  failed: { code: 'batch_failed', message: 'The batch ended before this line was answered.' },
  expired: {
    code: 'batch_expired',
    message: `This line was not answered within the batch's ${limits.batchWindowMs / 3_600_000} hours.`,
  },
  cancelled: { code: 'batch_cancelled', message: 'The batch was cancelled before this line was answered.' },
}
