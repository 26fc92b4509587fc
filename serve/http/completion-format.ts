import type { EngineStart, EngineToken } from '#serve/engine'
import type { CompletionChunk, CompletionReply } from '#wire/completions'
import type { FinishReason } from '#wire/fields'
import type { ReplyFormat } from './format.ts'
import { CompletionLogprobWriter, joinCompletionLogprobs } from './logprobs.ts'

type ChunkChoice = CompletionChunk['choices'][number]
type WholeChoice = CompletionReply['choices'][number]

/** The shape of `text_completion`, whole and in chunks. */
export class CompletionFormat implements ReplyFormat {
  readonly idPrefix = 'cmpl-'
  readonly wholeObject = 'text_completion'
  readonly chunkObject = 'text_completion'
  readonly #choicesPerPrompt: number
  readonly #writers = new Map<number, CompletionLogprobWriter>()
  #echo: readonly string[] = []

  constructor(choicesPerPrompt: number) {
    this.#choicesPerPrompt = choicesPerPrompt
  }

  begin(start: EngineStart): void {
    this.#echo = start.echo
  }

  opening(index: number): ChunkChoice | null {
    const text = this.#before(index)
    return text === '' ? null : { index, text, logprobs: null, finish_reason: null }
  }

  delta(index: number, text: string, event: EngineToken | null): ChunkChoice {
    return { index, text, logprobs: event === null ? null : this.#writer(index).write(event), finish_reason: null }
  }

  closing(index: number, reason: FinishReason): ChunkChoice {
    return { index, text: '', logprobs: null, finish_reason: ended(reason) }
  }

  whole(index: number, text: string, tokens: readonly EngineToken[], reason: FinishReason): WholeChoice {
    const writer = this.#writer(index)
    const parts = tokens.map((token) => writer.write(token)).filter((part) => part !== null)
    return {
      index,
      text: this.#before(index) + text,
      logprobs: parts.length === 0 ? null : joinCompletionLogprobs(parts),
      finish_reason: ended(reason),
    }
  }

  /** The prompt that stands before an answer where `echo` asked for it. */
  #before(index: number): string {
    return this.#echo[Math.floor(index / this.#choicesPerPrompt)] ?? ''
  }

  #writer(index: number): CompletionLogprobWriter {
    const writer = this.#writers.get(index) ?? new CompletionLogprobWriter(this.#before(index).length)
    this.#writers.set(index, writer)
    return writer
  }
}

/** No continuation calls a function; an engine that says so has simply come to its end. */
const ended = (reason: FinishReason) => (reason === 'tool_calls' ? 'stop' : reason)
