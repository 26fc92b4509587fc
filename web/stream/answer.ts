import type { ChatRequestBody } from '#wire/chat'
import { type Chunk, readChunk, readError } from './chunk.ts'
import { AnswerFailed, kindOf } from './failure.ts'
import { askHealth } from './health.ts'
import { SseParser, StreamTooLong } from './sse.ts'

/** What is asked of the model. A field that is not there is left to the model's own setting. */
export type Question = Pick<
  ChatRequestBody,
  'model' | 'messages' | 'temperature' | 'top_p' | 'max_completion_tokens' | 'seed'
>

export type Answer = (question: Question, signal: AbortSignal) => AsyncGenerator<Chunk>

/**
 * Streams one answer from `POST /v1/chat/completions`. Throws AnswerFailed when nothing answers, when the server
 * refuses, and when the stream ends before a finish reason; an abort by `signal` throws the signal's own error.
 */
export async function* streamAnswer(question: Question, signal: AbortSignal): AsyncGenerator<Chunk> {
  const response = await post({ ...question, model: question.model || (await servedModel()) }, signal)
  const requestId = response.headers.get('x-request-id') ?? ''
  let finished = false
  for await (const data of events(response, signal, requestId)) {
    if (data === '[DONE]') break
    const chunk = readChunk(parseJson(data, requestId))
    if (chunk.error !== null) throw new AnswerFailed('server', chunk.error, requestId)
    if (chunk.finishReason) finished = true
    yield chunk
  }
  if (!finished) throw new AnswerFailed('cut', '', requestId)
}

/** The model's name where a question comes sooner than the page has learnt it. */
async function servedModel(): Promise<string> {
  const { state, model, problem } = await askHealth()
  if (state === 'offline') throw new AnswerFailed('offline')
  if (!model) throw new AnswerFailed('unready', problem)
  return model
}

/** A long talk goes on without its oldest turns, and the page shows it. */
const asked = { stream: true, stream_options: { include_usage: true }, truncation: 'auto' }

async function post(question: Question, signal: AbortSignal): Promise<Response> {
  const response = await fetch('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ ...question, ...asked }),
    signal,
  }).catch((error: unknown) => {
    throw signal.aborted ? error : new AnswerFailed('offline')
  })
  if (response.ok) return response
  const { message, code } = readError(await response.json().catch(() => null))
  throw new AnswerFailed(
    kindOf(response.status, code),
    message || `HTTP ${response.status}`,
    response.headers.get('x-request-id') ?? '',
  )
}

async function* events(response: Response, signal: AbortSignal, requestId: string): AsyncGenerator<string> {
  const parser = new SseParser()
  const reader = response.body?.getReader()
  if (!reader) throw new AnswerFailed('unreadable', '', requestId)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const event of parser.push(value)) yield event.data
    }
  } catch (error) {
    if (signal.aborted || error instanceof AnswerFailed) throw error
    throw new AnswerFailed(error instanceof StreamTooLong ? 'unreadable' : 'cut', '', requestId)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function parseJson(data: string, requestId: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    throw new AnswerFailed('unreadable', data.slice(0, 200), requestId)
  }
}
