import { Worker } from 'node:worker_threads'
import { invalid, StoreError } from '../errors.ts'
import { errorOf, type FromThread, type Reply, type Request, type ThreadSettings } from '../ground/message.ts'

interface Waiting {
  decided?: (answer: unknown) => void
  resolve(answer: unknown): void
  reject(error: StoreError): void
}

/** One thread of the store and the calls that wait for it. A thread that died starts again with the next call. */
export class StoreThread {
  readonly #settings: ThreadSettings
  #worker: Promise<Worker> | null = null
  readonly #waiting = new Map<number, Waiting>()
  #outbox: Request[] = []
  #next = 0
  #closed = false

  constructor(settings: ThreadSettings) {
    this.#settings = settings
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Starts the thread; rejects where the database cannot be opened or brought to this version. */
  async start(): Promise<void> {
    await this.#started()
  }

  call(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown> {
    if (this.#closed) return Promise.reject(new StoreError('unavailable', 'The store is closed.'))
    return new Promise((resolve, reject) => {
      const id = this.#next++
      this.#waiting.set(id, { resolve, reject, decided })
      // Calls of the same turn travel in one message.
      if (this.#outbox.push({ id, name, args, now, ...(decided && { early: true }) }) === 1)
        queueMicrotask(() => void this.#flush())
    })
  }

  async #flush(): Promise<void> {
    const requests = this.#outbox
    this.#outbox = []
    try {
      const worker = await this.#started()
      this.#post(worker, requests)
    } catch (error) {
      const reason = error instanceof StoreError ? error : lost(String(error))
      for (const { id } of requests) this.#settle(id, (waiting) => waiting.reject(reason))
    }
  }

  /** What cannot be cloned (a function, a socket) is refused alone: the calls beside it are somebody else's. */
  #post(worker: Worker, requests: Request[]): void {
    try {
      worker.postMessage(requests)
    } catch {
      if (requests.length > 1) for (const each of requests) this.#post(worker, [each])
      else
        this.#settle(requests[0].id, (waiting) =>
          waiting.reject(invalid(requests[0].name, 'got a value that is no data')),
        )
    }
  }

  #started(): Promise<Worker> {
    this.#worker ??= this.#launch().catch((error) => {
      this.#worker = null
      throw error
    })
    return this.#worker
  }

  async #launch(): Promise<Worker> {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: this.#settings })
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') resolve()
        else if (message.kind === 'refused') reject(errorOf(message.fault))
        else for (const reply of message.replies) this.#reply(reply)
      })
      worker.on('error', (error: Error) => reject(lost(error.message)))
      worker.on('exit', () => {
        reject(lost('it ended'))
        this.#ended()
      })
    })
    return worker
  }

  #ended(): void {
    this.#worker = null
    for (const id of [...this.#waiting.keys()]) {
      if (!this.#outbox.some((each) => each.id === id)) this.#settle(id, (waiting) => waiting.reject(lost('it ended')))
    }
  }

  #reply(reply: Reply): void {
    if ('answer' in reply && reply.decided) return this.#waiting.get(reply.id)?.decided?.(reply.answer)
    this.#settle(reply.id, (waiting) =>
      'fault' in reply ? waiting.reject(errorOf(reply.fault)) : waiting.resolve(reply.answer),
    )
  }

  #settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (waiting) how(waiting)
  }

  /** Answers what waits, then ends the thread. */
  async close(): Promise<void> {
    this.#closed = true
    if (!this.#worker) return
    const worker = await this.#worker.catch(() => null)
    if (!worker) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    while (this.#waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, 2))
    worker.postMessage('close')
    await ended
  }
}

function lost(why: string): StoreError {
  return new StoreError(
    'unavailable',
    `The store's thread was lost (${why}); whether the last calls were kept is not known.`,
    {
      remedy: 'read before you write again.',
    },
  )
}
