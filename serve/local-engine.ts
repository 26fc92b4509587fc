import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { callClose, callOpen } from '#model/call-marks'
import { withCalls } from '#serve/calls'
import type {
  BatchSizes,
  ChatRequest,
  CompletionRequest,
  Embeddings,
  EmbedRequest,
  Engine,
  EngineEvent,
  EngineStats,
  EngineStatus,
  ModelInfo,
  Offer,
  TokenizeRequest,
} from '#serve/engine'
import { type AnswerCount, EngineCounts } from '#serve/engine-counts'
import { Mailbox } from '#serve/mailbox'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { type Host, startProcess, startThread } from './local/host.ts'
import { type FromWorker, noFigures, type Report, type ToWorker, type WorkerSettings } from './local/protocol.ts'
import { Queue } from './local/queue.ts'
import { usualThreads } from './local/threads.ts'

export interface LocalEngineOptions {
  /** Folder of a model in Hugging Face's layout; or a GGUF file, which llama.cpp serves in a process of its own. */
  folder: string
  /** Name that clients use; the folder's own name by default. */
  id?: string
  /** Sequences decoded together. */
  slots?: number
  /** Threads inside one operation; as many as are worth it by default. */
  threads?: number
  /** Bytes of keys and values of the sequences that are decoded together: what does not fit waits. */
  batchBytes?: number
  /** Bytes of keys and values that are kept for prompts that begin alike. */
  prefixBytes?: number
  /** Sequences that may wait for a slot. */
  queue?: number
  /** Small corrections of a GGUF file's weights, with their strengths. */
  loras?: readonly { file: string; scale: number }[]
  /** The worker's module. */
  worker?: URL
  /** Receives one line when the worker fails. */
  log?: (line: string) => void
}

const defaults = { slots: 32, batchBytes: 1 << 30, prefixBytes: 256 << 20 }
/** A worker that fails this often within the window is not started again. */
const restarts = { most: 3, windowMs: 60_000 }
const closeWaitMs = 5000

interface Question {
  resolve(answer: number[][] | Embeddings): void
  reject(error: unknown): void
}

/**
 * Our own model in a worker thread, so that no matrix product ever runs on the HTTP loop. Opening returns at once;
 * requests that come while the model loads wait for it.
 */
export class LocalEngine implements Engine {
  readonly #settings: WorkerSettings
  readonly #module: URL
  readonly #gguf: boolean
  readonly #log: (line: string) => void
  readonly #model: ModelInfo
  readonly #queue: Queue
  readonly #answers = new Map<number, { mailbox: Mailbox; count: AnswerCount }>()
  /** Texts on their way to ids or to vectors. */
  readonly #questions = new Map<number, Question>()
  readonly #counts = new EngineCounts()
  readonly #crashes: number[] = []
  #worker: Host
  #problem: string | null = null
  #lastId = 0
  #figures = noFigures()
  #closing = false
  #settled = Promise.withResolvers<void>()

  /** @throws Error when `folder` holds no config.json. */
  constructor(options: LocalEngineOptions) {
    const folder = resolve(options.folder)
    const { slots = defaults.slots } = options
    const threads = options.threads ?? usualThreads(folder, availableParallelism())
    const { batchBytes = defaults.batchBytes, prefixBytes = defaults.prefixBytes } = options
    // Our own models stay with our own engine: behind the same server it writes 1.5 (alone) to 2.7 times (32 streams) as
    // many tokens as llama.cpp with the same weights (figures serve.1.to_engine_llama and serve.32.to_engine_llama).
    this.#gguf = folder.endsWith('.gguf')
    const written = statSync(this.#gguf ? folder : join(folder, 'config.json')).mtimeMs
    const { loras } = options
    this.#settings = { folder, slots, threads, batchBytes, prefixBytes, loras }
    const usual = this.#gguf
      ? new URL('./llama-process.ts', import.meta.url)
      : new URL('./local-worker.ts', import.meta.url)
    this.#module = options.worker ?? usual
    this.#log = options.log ?? (() => {})
    this.#queue = new Queue(slots, options.queue ?? limits.queue)
    this.#model = {
      id: options.id ?? basename(folder),
      created: Math.floor(written / 1000),
      ownedBy: 'dotline',
      contextLength: null,
      state: 'loading',
      fingerprint: `fp_${Math.floor(written).toString(36)}`,
      capabilities: [],
    }
    this.#worker = this.#start()
  }

  /** Number of the process that answers, where it is one of its own. */
  get process(): number | undefined {
    return this.#worker.pid
  }

  ready(): Promise<void> {
    return this.#settled.promise
  }

  models(): ModelInfo[] {
    return [{ ...this.#model }]
  }

  status(): EngineStatus {
    return {
      state: this.#model.state,
      problem: this.#problem,
      active: this.#queue.active,
      waiting: this.#queue.waiting,
    }
  }

  stats(): EngineStats {
    return this.#counts.stats(this.#figures)
  }

  batches(): BatchSizes {
    return this.#figures.batches
  }

  offer(): Offer {
    return { price: null, here: true }
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const events = this.#submit(request.choices, signal, (id) => ({ type: 'chat', id, request }))
    return request.tools === undefined ? events : withCalls(events, { open: callOpen, close: callClose })
  }

  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const sequences = request.prompts.length * request.choices
    return this.#submit(sequences, signal, (id) => ({ type: 'complete', id, request }))
  }

  async embed(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings> {
    const made = await this.#ask<Embeddings>((id) => ({ type: 'embed', id, request }), signal)
    this.#counts.embedded(made.promptTokens)
    return made
  }

  tokenize({ texts }: TokenizeRequest, signal: AbortSignal): Promise<number[][]> {
    return this.#ask<number[][]>((id) => ({ type: 'tokenize', id, texts }), signal)
  }

  /** What is asked is small: one whose asker has left is computed to its end, for nobody. */
  async #ask<T extends number[][] | Embeddings>(message: (id: number) => ToWorker, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    this.#expectModel()
    const id = ++this.#lastId
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#questions.set(id, { resolve: (answer) => resolve(answer as T), reject })
    this.#post(message(id))
    const leave = () => reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', leave)
      this.#questions.delete(id)
    }
  }

  /** Ends what is being answered with `shutting_down` and stops the worker. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#failAll(new ApiError('shutting_down', '', null, 1))
    if (this.#model.state !== 'ready') return this.#worker.stop()
    this.#post({ type: 'close' })
    const patience = setTimeout(() => void this.#worker.stop(), closeWaitMs)
    await this.#worker.ended
    clearTimeout(patience)
  }

  #submit(sequences: number, signal: AbortSignal, message: (id: number) => ToWorker): Mailbox {
    this.#expectModel()
    const id = ++this.#lastId
    this.#queue.enter(id, sequences)
    const count = this.#counts.begin()
    const leave = () => {
      count.left()
      this.#forget(id)
      this.#post({ type: 'cancel', id })
    }
    const mailbox = new Mailbox(limits.streamBufferBytes, leave)
    this.#answers.set(id, { mailbox, count })
    this.#post(message(id))
    const abort = () => void mailbox.return()
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    return mailbox
  }

  #expectModel(): void {
    if (this.#closing) throw new ApiError('shutting_down', '', null, 1)
    if (this.#model.state === 'failed')
      throw new ApiError('model_unavailable', `The model could not be loaded: ${this.#problem}. See the server's log.`)
  }

  #post(message: ToWorker): void {
    this.#worker.post(message)
  }

  #forget(id: number): void {
    this.#answers.delete(id)
    this.#queue.leave(id)
  }

  #failAll(error: ApiError): void {
    for (const [id, { mailbox, count }] of this.#answers) {
      this.#forget(id)
      count.broke()
      mailbox.fail(error)
    }
    for (const question of this.#questions.values()) question.reject(error)
    this.#questions.clear()
  }

  #start(): Host {
    const start = this.#gguf ? startProcess : startThread
    const host: Host = start(this.#module, this.#settings, {
      message: (message) => this.#receive(message),
      exit: (error) => {
        const unforeseen = host === this.#worker && this.#model.state !== 'failed' && !this.#closing
        if (unforeseen) this.#crashed(error)
      },
    })
    return host
  }

  #receive(message: FromWorker): void {
    if (message.type === 'reports') {
      this.#figures = message.figures
      for (const report of message.reports) this.#deliver(report)
    } else if (message.type === 'tokens') {
      this.#questions.get(message.id)?.resolve(message.ids)
    } else if (message.type === 'vectors') {
      const { made, refusal } = message
      const question = this.#questions.get(message.id)
      if (made !== null) question?.resolve(made)
      else if (refusal !== null) question?.reject(new ApiError(refusal.code, refusal.detail, refusal.param))
    } else if (message.type === 'ready') {
      this.#model.contextLength = message.contextLength
      this.#model.capabilities = message.capabilities
      this.#model.state = 'ready'
      this.#settled.resolve()
    } else this.#giveUp(message.problem)
  }

  #deliver({ id, events, refusal }: Report): void {
    const answer = this.#answers.get(id)
    if (answer === undefined) return
    const { mailbox, count } = answer
    if (refusal !== null) {
      this.#forget(id)
      count.broke()
      mailbox.fail(new ApiError(refusal.code, refusal.detail, refusal.param))
      return
    }
    for (const event of events) count.see(event)
    mailbox.push(events)
    for (const event of events) if (event.type === 'end') this.#queue.ended(id)
    if (this.#queue.holds(id)) return
    this.#answers.delete(id)
    mailbox.finish()
  }

  /** The decoder broke or the thread ran out of memory: what it was answering is lost, and another takes its place. */
  #crashed(error: Error): void {
    this.#log(`The model's worker failed: ${error.stack ?? error.message}`)
    if (this.#closing) return
    this.#failAll(
      new ApiError('engine_failed', 'The model failed while it was answering. Try again in a moment.', null, 2),
    )
    const now = Date.now()
    this.#crashes.push(now)
    const recent = this.#crashes.filter((at) => now - at < restarts.windowMs).length
    if (recent > restarts.most) return this.#giveUp(`its worker failed ${recent} times in a minute`)
    this.#model.state = 'loading'
    this.#worker = this.#start()
  }

  #giveUp(problem: string): void {
    this.#problem = problem
    this.#model.state = 'failed'
    this.#log(`The model in ${this.#settings.folder} is not available: ${problem}`)
    this.#failAll(new ApiError('model_unavailable', `The model could not be loaded: ${problem}. See the server's log.`))
    this.#settled.resolve()
  }
}
