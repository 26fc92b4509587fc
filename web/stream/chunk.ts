import type { AnswerDetail } from '#wire/conversations'

/** What the page reads from one chunk of a streamed chat completion; everything else in it is passed over. */
export interface Chunk {
  model: string
  text: string
  finishReason: string
  usage: { promptTokens: number; completionTokens: number } | null
  /** Old turns that no longer fitted into the model's window. */
  dropped: number
  /** The message of an error sent in mid-stream, or null. */
  error: string | null
  /** Of an answer that the server keeps: that it was taken, how it ended, and the conversation's new title. */
  begun?: boolean
  end?: AnswerDetail
  title?: string
}

export const noChunk: Chunk = { model: '', text: '', finishReason: '', usage: null, dropped: 0, error: null }

type Fields = Record<string, unknown>

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0)

/** Reads a chunk whatever its shape: what is missing or odd becomes empty, so that no payload can throw. */
export function readChunk(value: unknown): Chunk {
  const chunk = fields(value)
  const choice = fields(Array.isArray(chunk.choices) ? chunk.choices[0] : undefined)
  const usage = fields(chunk.usage)
  return {
    model: text(chunk.model),
    text: text(fields(choice.delta).content),
    finishReason: text(choice.finish_reason),
    usage: chunk.usage
      ? { promptTokens: count(usage.prompt_tokens), completionTokens: count(usage.completion_tokens) }
      : null,
    dropped: count(fields(chunk.dotline).dropped_messages),
    error: chunk.error ? text(fields(chunk.error).message) : null,
  }
}

/** The message and the code of an error body, empty where there is none. */
export function readError(value: unknown): { message: string; code: string } {
  const error = fields(fields(value).error)
  return { message: text(error.message), code: text(error.code) }
}
