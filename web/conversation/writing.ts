import type { AnswerDetail } from '#wire/conversations'
import { detailsOf, failureOf, stateOf } from '../kept/tree-of.ts'
import type { Chunk } from '../stream/chunk.ts'
import { AnswerFailed, type Failure } from '../stream/failure.ts'
import type { Details, Message } from './tree.ts'

/** One answer while it is being written: gathers the chunks, the times and the way it ended. */
export class Writing {
  over = false
  #text: string
  #state: Message['state'] = 'writing'
  #failure: Failure | null = null
  #details: Details
  readonly #now: () => number
  readonly #start: number

  constructor(now: () => number, before = '') {
    this.#now = now
    this.#text = before
    this.#start = now()
    this.#details = {
      model: '',
      promptTokens: null,
      completionTokens: null,
      firstTokenMs: null,
      totalMs: 0,
      finishReason: '',
      dropped: 0,
      seed: null,
      cost: null,
    }
  }

  /** The fields of the message as it stands. */
  fields(): Partial<Message> {
    return { text: this.#text, state: this.#state, failure: this.#failure, details: this.#details }
  }

  /** Reads the chunks to their end; every failure becomes part of the message. */
  async run(chunks: AsyncIterable<Chunk>, signal: AbortSignal, changed: () => void): Promise<void> {
    try {
      for await (const chunk of chunks) {
        if (chunk.end) this.#end(chunk.end)
        else if (!this.over) this.#take(chunk)
        changed()
      }
      if (this.over) return
      this.#state = 'done'
    } catch (error) {
      // What comes after the end (a title) may break off.
      if (this.over) return
      this.#fail(error, signal)
    }
    this.#details = { ...this.#details, totalMs: this.#now() - this.#start }
    this.over = true
  }

  #take(chunk: Chunk): void {
    const details = this.#details
    this.#text += chunk.text
    this.#details = {
      ...details,
      model: chunk.model || details.model,
      promptTokens: chunk.usage?.promptTokens ?? details.promptTokens,
      completionTokens: chunk.usage?.completionTokens ?? details.completionTokens,
      firstTokenMs: details.firstTokenMs ?? (chunk.text ? this.#now() - this.#start : null),
      totalMs: this.#now() - this.#start,
      finishReason: chunk.finishReason || details.finishReason,
      dropped: chunk.dropped || details.dropped,
    }
  }

  /** The server keeps the answer and knows best how it ended. */
  #end(detail: AnswerDetail): void {
    this.#state = stateOf(detail)
    this.#failure = failureOf(detail)
    this.#details = { ...detailsOf(detail), model: this.#details.model }
    this.over = true
  }

  #fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      this.#state = 'stopped'
      return
    }
    this.#state = 'failed'
    this.#failure =
      error instanceof AnswerFailed ? error.failure : { kind: 'unreadable', detail: String(error), requestId: '' }
  }
}
