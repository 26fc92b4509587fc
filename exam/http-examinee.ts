/** A model behind an OpenAI-compatible API. Who fetches is the caller's: this room opens no connection of its own. */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import {
  behind,
  type Examinee,
  ExamineeError,
  type Likelihood,
  type PlacedToken,
  QuestionTooLongError,
  type WriteRequest,
  type Written,
} from './examinee.ts'

export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface HttpExamineeOptions {
  /** Such as `http://127.0.0.1:8787/v1`. */
  url: string
  /** The model's name there; the first one that is listed where it is left out. */
  model?: string
  key?: string
  fetch: Fetch
  /** Longest wait for one answer, ms (default 300,000). */
  patienceMs?: number
}

const modelsSchema = z.looseObject({
  data: z
    .array(z.looseObject({ id: z.string(), created: z.number().optional(), dotline: z.unknown().optional() }))
    .min(1),
})
const finish = z.string().nullish()
const chatSchema = z.looseObject({
  choices: z
    .array(z.looseObject({ message: z.looseObject({ content: z.string().nullish() }), finish_reason: finish }))
    .min(1),
  dotline: z.looseObject({ dropped_messages: z.number() }).optional(),
})
const textSchema = z.looseObject({
  choices: z.array(z.looseObject({ text: z.string(), finish_reason: finish })).min(1),
})
const scoreSchema = z.looseObject({
  choices: z.array(
    z.looseObject({
      index: z.number(),
      logprobs: z.looseObject({
        tokens: z.array(z.string()),
        token_logprobs: z.array(z.number().nullable()),
        top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
        text_offset: z.array(z.number()),
      }),
    }),
  ),
})

/** Asks the API which model it has. @throws ExamineeError where nothing answers there, or no such model. */
export async function openHttpExaminee(options: HttpExamineeOptions): Promise<Examinee> {
  const api = new Api(options)
  const listed = modelsSchema.safeParse(await api.call('/models', undefined, AbortSignal.timeout(30_000)))
  if (!listed.success) throw new ExamineeError(`${options.url}/models lists no models in OpenAI's form`)
  const { data } = listed.data
  const model = options.model === undefined ? data[0] : data.find(({ id }) => id === options.model)
  if (!model)
    throw new ExamineeError(
      `${options.url} has no model "${options.model}"; it has ${data.map(({ id }) => id).join(', ')}`,
    )
  return new HttpExaminee(api, { id: model.id, created: model.created ?? 0, ours: model.dotline !== undefined })
}

/** Tries again where the server is busy or the connection broke; anything else is told at once. */
class Api {
  readonly url: string
  readonly #options: HttpExamineeOptions

  constructor(options: HttpExamineeOptions) {
    this.url = options.url.replace(/\/+$/, '')
    this.#options = options
  }

  async call(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(path, body, signal)
      if (!(outcome instanceof Busy)) return outcome
      if (attempt === mostAttempts) throw new ExamineeError(`${this.url}${path}: ${outcome.reason} (${attempt} times)`)
      await wait(outcome.waitMs ?? 500 * 2 ** attempt, undefined, { signal })
    }
  }

  async #attempt(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    const { fetch, key, patienceMs = 300_000 } = this.#options
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (key) headers.authorization = `Bearer ${key}`
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : { method: 'GET' }
    let response: Response
    let text: string
    try {
      response = await fetch(`${this.url}${path}`, {
        ...init,
        headers,
        signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
      })
      text = await response.text()
    } catch (cause) {
      signal.throwIfAborted()
      return new Busy(`nothing answers there (${(cause as Error).message})`)
    }
    if (response.ok) return parsed(text, `${this.url}${path}`)
    if (retried.has(response.status)) return new Busy(`answered ${response.status}`, retryAfter(response))
    const { code, message } = errorOf(text)
    if (code === 'context_length_exceeded' || /maximum context length|context window/i.test(message))
      throw new QuestionTooLongError(message)
    throw new ExamineeError(`${this.url}${path} answered ${response.status}: ${message.slice(0, 400)}`)
  }
}

const mostAttempts = 6
const retried = new Set([408, 425, 429, 500, 502, 503, 504])

/** An attempt that another may follow. */
class Busy {
  readonly reason: string
  readonly waitMs: number | undefined

  constructor(reason: string, waitMs?: number) {
    this.reason = reason
    this.waitMs = waitMs
  }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) ? Math.min(60, Math.max(0.1, seconds)) * 1000 : undefined
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ExamineeError(`${where} did not answer with JSON: ${text.slice(0, 200)}`, { cause })
  }
}

const errorSchema = z.looseObject({
  error: z.looseObject({ message: z.string(), code: z.union([z.string(), z.number()]).nullish() }),
})

function errorOf(text: string): { code: string; message: string } {
  try {
    const { error } = errorSchema.parse(JSON.parse(text))
    return { code: String(error.code ?? ''), message: error.message }
  } catch {
    // Proxies answer with pages of their own.
    return { code: '', message: text }
  }
}

class HttpExaminee implements Examinee {
  readonly name: string
  readonly fingerprint: string
  readonly #api: Api
  readonly #model: string
  /** Our own server knows a few fields more, which must not be left to the model's defaults. */
  readonly #neutral: object

  constructor(api: Api, model: { id: string; created: number; ours: boolean }) {
    this.#api = api
    this.#model = model.id
    this.name = `${model.id} (${api.url})`
    this.fingerprint = `${api.url} ${model.id} ${model.created}`
    this.#neutral = model.ours ? { top_k: 0, min_p: 0, repetition_penalty: 1 } : {}
  }

  async write(request: WriteRequest, signal: AbortSignal): Promise<Written> {
    const { prompt, maxTokens, stop, temperature, topP, seed } = request
    const sampling = { temperature, top_p: topP, seed, ...(stop.length > 0 ? { stop } : {}), ...this.#neutral }
    const body = { model: this.#model, max_tokens: maxTokens, ...sampling }
    if (typeof prompt === 'string') {
      const { choices } = this.#checked(textSchema, await this.#api.call('/completions', { ...body, prompt }, signal))
      return { text: choices[0].text, finish: finishOf(choices[0].finish_reason) }
    }
    const reply = this.#checked(
      chatSchema,
      await this.#api.call('/chat/completions', { ...body, messages: prompt }, signal),
    )
    const dropped = reply.dotline?.dropped_messages ?? 0
    if (dropped > 0) throw new QuestionTooLongError(`${dropped} messages did not fit into the window`)
    const [{ message, finish_reason }] = reply.choices
    return { text: message.content ?? '', finish: finishOf(finish_reason) }
  }

  async score(beginning: string, continuations: readonly string[], signal: AbortSignal): Promise<Likelihood[]> {
    const prompt = continuations.map((continuation) => beginning + continuation)
    const body = { model: this.#model, prompt, max_tokens: 1, temperature: 0, logprobs: 1, echo: true }
    const { choices } = this.#checked(scoreSchema, await this.#api.call('/completions', body, signal))
    return prompt.map((text, i) => {
      const choice = choices.find(({ index }) => index === i)
      if (!choice) throw new ExamineeError(`${this.name} left out the log-probabilities of prompt ${i}`)
      return behind(placedTokens(choice.logprobs, text.length), beginning.length)
    })
  }

  async close(): Promise<void> {}

  #checked<T extends z.ZodType>(schema: T, reply: unknown): z.infer<T> {
    const result = schema.safeParse(reply)
    if (result.success) return result.data
    const [issue] = result.error.issues
    throw new ExamineeError(
      `${this.name} answered in another form than OpenAI's: ${issue.path.join('.')}: ${issue.message}`,
    )
  }
}

const finishOf = (reason: string | null | undefined): Written['finish'] => (reason === 'length' ? 'length' : 'stop')

/** The prompt's tokens after the first; what was generated after them is left out. */
function placedTokens(of: z.infer<typeof scoreSchema>['choices'][number]['logprobs'], length: number): PlacedToken[] {
  const placed: PlacedToken[] = []
  const count = of.text_offset.findLastIndex((offset) => offset < length) + 1
  for (let i = 1; i < count; i++) {
    const logprob = of.token_logprobs[i]
    if (logprob === null || logprob === undefined)
      throw new ExamineeError(
        'the API reports no log-probabilities for a prompt (echo with logprobs); use tasks whose answers are written',
      )
    const best = Math.max(logprob, ...Object.values(of.top_logprobs?.[i] ?? {}))
    placed.push({ from: of.text_offset[i], to: of.text_offset[i + 1] ?? length, logprob, likeliest: logprob >= best })
  }
  return placed
}
