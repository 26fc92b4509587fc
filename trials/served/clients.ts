import { request as httpRequest } from 'node:http'
import OpenAI from 'openai'

export interface Question {
  url: string
  model: string
  logitBias: Record<string, number>
  maxTokens: number
}

/** How an answer ended for its reader. */
export type Outcome =
  | { kind: 'finished'; text: string }
  /** The reader was told that the answer is not whole. */
  | { kind: 'error'; detail: string }
  /** The answer ended in order, yet without the marks of its end: its reader takes a piece for the whole. */
  | { kind: 'silent'; detail: string }

/** Asks one question and reads its answer to the end, whatever end that is. `see` gets what arrives as it comes. */
export type Client = (question: Question, see: (text: string) => void) => Promise<Outcome>

const messages = [{ role: 'user' as const, content: 'Tell me a long story.' }]

const bodyOf = ({ model, logitBias, maxTokens }: Question) => ({
  model,
  messages,
  temperature: 0,
  logit_bias: logitBias,
  max_tokens: maxTokens,
})

interface Chunk {
  choices: { delta: { content?: string }; finish_reason: string | null }[]
  error?: { message: string }
}

/** Node's own HTTP client and nothing else: what is on the wire, as a client of little care would read it. */
export const rawStream: Client = async (question, see) => {
  const answer = await post(`${question.url}/v1/chat/completions`, { ...bodyOf(question), stream: true }, see)
  if ('error' in answer) return { kind: 'error', detail: answer.error }
  let text = ''
  let finished = false
  let done = false
  for (const event of answer.body.split('\n\n')) {
    if (!event.startsWith('data: ')) continue
    if (event === 'data: [DONE]') done = true
    else {
      const chunk: Chunk = JSON.parse(event.slice(6))
      if (chunk.error) return { kind: 'error', detail: chunk.error.message }
      text += chunk.choices[0].delta.content ?? ''
      finished ||= chunk.choices[0].finish_reason !== null
    }
  }
  if (finished && done) return { kind: 'finished', text }
  return {
    kind: 'silent',
    detail: `raw stream without ${finished ? '[DONE]' : 'finish_reason'} after "${text.slice(-20)}"`,
  }
}

/** OpenAI's own client, streamed. */
export const withOpenai: Client = async (question, see) => {
  const client = new OpenAI({ baseURL: `${question.url}/v1`, apiKey: 'none', maxRetries: 0 })
  let text = ''
  let finished = false
  try {
    for await (const chunk of await client.chat.completions.create({ ...bodyOf(question), stream: true })) {
      const piece = chunk.choices[0].delta.content ?? ''
      see(piece)
      text += piece
      finished ||= chunk.choices[0].finish_reason !== null
    }
  } catch (error) {
    return { kind: 'error', detail: String(error) }
  }
  if (finished) return { kind: 'finished', text }
  return { kind: 'silent', detail: `OpenAI's client saw no finish_reason and no error after "${text.slice(-20)}"` }
}

/** An answer in one piece. */
export const whole: Client = async (question, see) => {
  const answer = await post(`${question.url}/v1/chat/completions`, bodyOf(question), see)
  if ('error' in answer) return { kind: 'error', detail: answer.error }
  try {
    const reply: { choices: { message: { content: string }; finish_reason: string }[]; error?: { message: string } } =
      JSON.parse(answer.body)
    if (reply.error) return { kind: 'error', detail: reply.error.message }
    const [{ message, finish_reason }] = reply.choices
    if (finish_reason) return { kind: 'finished', text: message.content }
  } catch {
    // Falls through: a body that ended in order but is no answer.
  }
  return { kind: 'silent', detail: `a whole answer of ${answer.body.length} characters that is none` }
}

/** The whole body, or why it did not come: refused, reset, or ended before its own end. */
function post(url: string, body: object, see: (part: string) => void): Promise<{ body: string } | { error: string }> {
  return new Promise((resolve) => {
    const fail = (error: Error) => resolve({ error: error.message })
    const sent = httpRequest(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        see(part)
      })
      response.on('error', fail)
      response.on('end', () => resolve(response.complete ? { body: text } : { error: 'the body was cut off' }))
    })
    sent.on('error', fail)
    sent.end(JSON.stringify(body))
  })
}
