import type { ChatRequest, Engine, EngineEvent } from '#serve/engine'
import type { Message } from '#store/conversations'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import type { AnswerDetail } from '#wire/conversations'
import { ApiError } from '#wire/errors'
import { asApiError } from '../http/failures.ts'
import { type CostOf, noCost } from './cost.ts'
import { Journal } from './journal.ts'
import { textOf } from './prompt.ts'

/** How often a message takes over what its answer's events say, and a silent answer is said to be alive. */
const checkpointMs = 3000
const aliveMs = 10_000

export interface Task {
  owner: string
  conversation: string
  answer: Message
  request: ChatRequest
  /** For the log. */
  requestId: string
  costOf?: CostOf
  /** Called once the answer is whole; what it resolves to is the conversation's new title. */
  title?: (text: string, signal: AbortSignal) => Promise<string | null>
}

/** One answer that the server writes and keeps, whether anybody reads it or not. */
export class Writing {
  readonly #store: Store
  readonly #engine: Engine
  readonly #task: Task
  readonly #log: (line: string) => void
  readonly #journal: Journal
  readonly #leave = new AbortController()
  readonly #before: string
  #why: 'stopped' | 'lost' = 'stopped'
  #text = ''
  #saved = ''
  #detail: AnswerDetail

  constructor(store: Store, engine: Engine, task: Task, log: (line: string) => void) {
    this.#store = store
    this.#engine = engine
    this.#task = task
    this.#log = log
    this.#before = textOf(task.answer.content)
    this.#detail = { ...(task.answer.detail as AnswerDetail), error: null }
    this.#journal = new Journal(store, task.owner, this.stream, () => this.stop('lost'))
  }

  get stream(): string {
    return (this.#task.answer.detail as AnswerDetail).stream ?? ''
  }

  /** Ends the answer where it is; what was written is kept. */
  stop(why: 'stopped' | 'lost'): void {
    this.#why = why
    this.#leave.abort(new ApiError('client_closed_request'))
  }

  async run(): Promise<void> {
    const timers = [
      setInterval(() => void this.#checkpoint(), checkpointMs),
      setInterval(() => void this.#journal.touch(), aliveMs),
    ]
    try {
      await this.#read(this.#engine.chat(this.#task.request, this.#leave.signal))
    } catch (error) {
      this.#fail(error)
    } finally {
      for (const timer of timers) clearInterval(timer)
    }
    await this.#end().catch((error: unknown) => this.#trouble('could not be kept', error))
  }

  async #read(events: AsyncIterable<EngineEvent>): Promise<void> {
    const began = performance.now()
    const since = () => Math.round((performance.now() - began) * 10) / 10
    let ended = false
    for await (const event of events) {
      if (event.type === 'start') {
        this.#detail.prompt_tokens = event.promptTokens
        this.#detail.cached_tokens = event.cachedTokens ?? null
        this.#detail.dropped = event.droppedMessages
        const { model } = this.#task.request
        this.#journal.add({ type: 'start', model, prompt_tokens: event.promptTokens, dropped: event.droppedMessages })
        continue
      }
      this.#detail.first_token_ms ??= since()
      this.#detail.total_ms = since()
      if (event.text !== '') this.#take(event.text)
      if (event.type === 'token') continue
      ended = true
      this.#detail.finish = event.finishReason
      this.#detail.completion_tokens = event.completionTokens
      this.#detail.prompt_tokens = event.usage?.promptTokens ?? this.#detail.prompt_tokens
      this.#detail.cached_tokens = event.usage?.cachedTokens ?? this.#detail.cached_tokens
    }
    this.#detail.state = ended ? 'done' : this.#leave.signal.aborted ? this.#why : 'lost'
  }

  #take(text: string): void {
    this.#text += text
    this.#journal.add({ type: 'text', text })
  }

  #fail(error: unknown): void {
    if (this.#leave.signal.aborted) {
      this.#detail.state = this.#why
      return
    }
    const { code, message } = asApiError(error, this.#task.requestId, this.#log)
    this.#detail.state = code === 'shutting_down' ? 'lost' : 'failed'
    this.#detail.error = { code, message, request: this.#task.requestId }
  }

  async #checkpoint(): Promise<void> {
    if (this.#text === this.#saved) return
    this.#saved = this.#text
    const text = this.#before + this.#text
    const { owner, conversation, answer } = this.#task
    await this.#store.conversations
      .amendMessage(owner, conversation, answer.id, { content: text, text })
      .catch((error: unknown) => this.#trouble('could not be kept for now', error))
  }

  async #end(): Promise<void> {
    const { owner, conversation, answer, costOf = noCost, title } = this.#task
    const text = this.#before + this.#text
    const state = this.#detail.state ?? 'lost'
    const status = state === 'done' ? 'complete' : text === '' ? 'failed' : 'partial'
    this.#detail.cost = await costOf(this.#detail)
    // The stream stays named: whoever was cut off before the end still reads on in it.
    const { base: _base, ...detail } = this.#detail
    await this.#journal.flush()
    // First the message, then the word that it has ended: whoever hears of the end finds the message whole.
    await this.#store.conversations.amendMessage(owner, conversation, answer.id, {
      content: text,
      text,
      status,
      detail,
    })
    this.#journal.add({ type: 'end', status, detail })
    await this.#journal.flush()
    if (title !== undefined && state === 'done' && text.trim() !== '') {
      const found = await title(text, this.#leave.signal)
      if (found !== null) this.#journal.add({ type: 'title', title: found })
      await this.#journal.flush()
    }
    await this.#store.streams.finish(owner, this.stream, state === 'failed' ? 'failed' : 'finished')
  }

  #trouble(what: string, error: unknown): void {
    // A conversation that was deleted meanwhile is nobody's trouble.
    if (error instanceof StoreError && error.code === 'absent') return
    this.#log(`${this.#task.requestId} An answer ${what}: ${error instanceof Error ? error.stack : String(error)}`)
  }
}

/** The answers that this server writes at the moment. */
export class Writings {
  readonly #store: Store
  readonly #log: (line: string) => void
  readonly #running = new Map<string, { writing: Writing; done: Promise<void> }>()

  constructor(store: Store, log: (line: string) => void) {
    this.#store = store
    this.#log = log
  }

  begin(engine: Engine, task: Task): void {
    const key = `${task.owner}/${task.answer.id}`
    const writing = new Writing(this.#store, engine, task, this.#log)
    const done = writing.run().finally(() => this.#running.delete(key))
    this.#running.set(key, { writing, done })
  }

  /** @returns whether it was this server that wrote it */
  stop(owner: string, answer: string): boolean {
    const found = this.#running.get(`${owner}/${answer}`)
    found?.writing.stop('stopped')
    return found !== undefined
  }

  writes(owner: string, answer: string): boolean {
    return this.#running.has(`${owner}/${answer}`)
  }

  /** Ends all of them where they are, and resolves once they are kept. */
  async close(): Promise<void> {
    for (const { writing } of this.#running.values()) writing.stop('lost')
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }
}
