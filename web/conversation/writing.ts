import type { Chunk } from '../stream/chunk.ts'
import { AnswerFailed, type Failure } from '../stream/failure.ts'
import type { Details, Message } from './tree.ts'

/** One answer while it is being written: gathers the chunks, the times and the way it ended. */
export class Writing {
  over = false
  #text = ''
  #state: Message['state'] = 'writing'
  #failure: Failure | null = null
  #details: Details
  readonly #now: () => number
  readonly #start: number

  constructor(now: () => number) {
    this.#now = now
    this.#start = now()
    this.#details = {
      model: '',
      promptTokens: null,
      completionTokens: null,
      firstTokenMs: null,
      totalMs: 0,
      finishReason: '',
      dropped: 0,
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
        this.#take(chunk)
        changed()
      }
      this.#state = 'done'
    } catch (error) {
      this.#fail(error, signal)
    }
    this.#details = { ...this.#details, totalMs: this.#now() - this.#start }
    this.over = true
  }

  #take(chunk: Chunk): void {
    const details = this.#details
    this.#text += chunk.text
    this.#details = {
      model: chunk.model || details.model,
      promptTokens: chunk.usage?.promptTokens ?? details.promptTokens,
      completionTokens: chunk.usage?.completionTokens ?? details.completionTokens,
      firstTokenMs: details.firstTokenMs ?? (chunk.text ? this.#now() - this.#start : null),
      totalMs: this.#now() - this.#start,
      finishReason: chunk.finishReason || details.finishReason,
      dropped: chunk.dropped || details.dropped,
    }
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
