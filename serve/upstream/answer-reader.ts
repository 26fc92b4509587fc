import type { TokenLogprob } from '#model/decoding'
import type { CallPiece, EngineEnd, EngineEvent, EngineToken } from '#serve/engine'

/** A server said something that is no chunk of OpenAI's format. */
export class GarbledReplyError extends Error {
  override readonly name = 'GarbledReplyError'
}

/** A server's own error in the middle of an answer. */
export class UpstreamSaidError extends Error {
  override readonly name = 'UpstreamSaidError'
}

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const count = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isObject) : [])
const string = (value: unknown): string => (typeof value === 'string' ? value : '')

type Reason = EngineEnd['finishReason']
const reasons: Readonly<Record<string, Reason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
}

interface Choice {
  pieces: number
  reason: Reason | null
  /** What vLLM and SGLang say beside the reason: the stop string that was met. */
  stop: string
  /** Calls begun so far: their ids and names, by their numbers. */
  calls: Map<number, { id: string; name: string }>
}

/**
 * Makes an engine's events of the chunks of a streamed reply, of a conversation or a plain completion. Ends are kept
 * until the reply is over: what was used is said last.
 */
export class AnswerReader {
  readonly #choices: Choice[]
  readonly #echo: readonly string[]
  /** More tokens than were allowed are not believed. */
  readonly #mostTokens: number
  #started = false
  #usage: { prompt: number; cached: number; completion: number | null } = { prompt: 0, cached: 0, completion: null }

  constructor(choices: number, echo: readonly string[], maxTokens: number | null) {
    this.#choices = Array.from({ length: choices }, () => ({ pieces: 0, reason: null, stop: '', calls: new Map() }))
    this.#echo = echo
    this.#mostTokens = maxTokens === null ? Number.POSITIVE_INFINITY : maxTokens * choices
  }

  /** Whether every answer has its reason to end: only the usage may follow. */
  get complete(): boolean {
    return this.#choices.every(({ reason }) => reason !== null)
  }

  /** The events of one chunk. @throws GarbledReplyError, UpstreamSaidError */
  read(data: string): EngineEvent[] {
    const chunk = parse(data)
    if (isObject(chunk.error) || typeof chunk.error === 'string') throw new UpstreamSaidError(errorText(chunk.error))
    if (!Array.isArray(chunk.choices)) throw new GarbledReplyError('a chunk without choices')
    const events: EngineEvent[] = []
    if (!this.#started) events.push({ type: 'start', promptTokens: 0, droppedMessages: 0, echo: this.#echo })
    this.#started = true
    if (isObject(chunk.usage)) this.#readUsage(chunk.usage)
    for (const choice of chunk.choices) {
      if (!isObject(choice)) throw new GarbledReplyError('a choice that is no object')
      this.#readChoice(choice, events)
    }
    return events
  }

  /** The ends, once the reply is over. */
  finish(): EngineEvent[] {
    const { prompt, cached, completion } = this.#usage
    const pieces = this.#choices.reduce((sum, choice) => sum + choice.pieces, 0)
    const believed = completion !== null && completion <= this.#mostTokens ? completion : pieces
    const last = this.#choices.length - 1
    return this.#choices.map((choice, at) => {
      // Usage is told for all answers together: the first keep what was seen of them, the last has the rest.
      const rest = Math.max(0, believed - (pieces - choice.pieces))
      const end: EngineEnd = {
        type: 'end',
        choice: at,
        text: '',
        finishReason: choice.reason ?? 'stop',
        ...(choice.stop === '' ? {} : { stop: choice.stop }),
        completionTokens: at === last ? rest : choice.pieces,
      }
      return at === last ? { ...end, usage: { promptTokens: prompt, cachedTokens: Math.min(cached, prompt) } } : end
    })
  }

  #readUsage(usage: Fields): void {
    const details = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {}
    this.#usage = {
      prompt: count(usage.prompt_tokens) ?? this.#usage.prompt,
      cached: count(details.cached_tokens) ?? 0,
      completion: count(usage.completion_tokens),
    }
  }

  #readChoice(body: Fields, events: EngineEvent[]): void {
    const index = count(body.index) ?? -1
    const choice = this.#choices.at(index)
    if (index < 0 || choice === undefined)
      throw new GarbledReplyError(`choice ${String(body.index).slice(0, 20)} was not asked for`)
    if (choice.reason !== null) {
      if (saysSomething(body)) throw new GarbledReplyError('an answer that goes on after its end')
      return
    }
    const delta = isObject(body.delta) ? body.delta : {}
    const text = string(body.text) + string(delta.content)
    const logprobs = isObject(body.logprobs) ? readLogprobs(body.logprobs) : []
    const push = (token: Partial<EngineToken>) => {
      choice.pieces++
      events.push({ type: 'token', choice: index, text: '', logprob: null, top: [], ...token })
    }
    const thought = string(delta.reasoning_content) || string(delta.reasoning)
    if (thought !== '') push({ reasoning: thought })
    // The text of several tokens at once goes with the first of them.
    if (logprobs.length > 0) for (const [at, one] of logprobs.entries()) push({ ...one, text: at === 0 ? text : '' })
    else if (text !== '') push({ text })
    const declined = string(delta.refusal)
    if (declined !== '') push({ text: declined, refusal: true })
    for (const call of list(delta.tool_calls)) for (const piece of readCall(call, choice)) push({ call: piece })
    if (typeof body.finish_reason !== 'string') return
    choice.reason = reasons[body.finish_reason] ?? 'stop'
    choice.stop = string(body.stop_reason) || string(body.matched_stop)
  }
}

/** A call's name first and by itself, then its arguments. */
function readCall(body: Fields, { calls }: Choice): CallPiece[] {
  const number = count(body.index) ?? 0
  const said = isObject(body.function) ? body.function : {}
  const known = calls.get(number) ?? { id: string(body.id), name: string(said.name) }
  if (known.name === '') throw new GarbledReplyError('a call without a name')
  const begins = !calls.has(number)
  calls.set(number, known)
  const more = { number, ...known, arguments: string(said.arguments) }
  if (!begins) return [more]
  return more.arguments === '' ? [more] : [{ ...more, arguments: '' }, more]
}

function parse(data: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    throw new GarbledReplyError('a chunk that is not JSON')
  }
  if (!isObject(value)) throw new GarbledReplyError('a chunk that is no object')
  return value
}

function saysSomething(body: Fields): boolean {
  const delta = isObject(body.delta) ? body.delta : {}
  return string(body.text) + string(delta.content) !== '' || list(delta.tool_calls).length > 0
}

/** The message in an error, whatever its form. */
export function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  return isObject(error) ? string(error.message) : ''
}

type Reported = Pick<EngineToken, 'logprob' | 'top'>

/** Log-probabilities of a chunk in the form of conversations (`content`) or of plain completions (`tokens`). */
function readLogprobs(body: Fields): Reported[] {
  if (Array.isArray(body.content))
    return list(body.content).map((one) => ({ logprob: logprobOf(one), top: list(one.top_logprobs).map(logprobOf) }))
  if (!Array.isArray(body.tokens)) return []
  const [values, tops] = [body.token_logprobs, body.top_logprobs].map((each) => (Array.isArray(each) ? each : []))
  return body.tokens.map((token, at) => {
    const top = isObject(tops[at]) ? Object.entries(tops[at]) : []
    return {
      logprob: logprobOf({ token, logprob: values[at] }),
      top: top.map(([text, logprob]) => logprobOf({ token: text, logprob })).sort((a, b) => b.logprob - a.logprob),
    }
  })
}

/** The id is the upstream's secret: its format does not tell it. */
function logprobOf({ token, logprob, bytes }: Fields): TokenLogprob {
  const given = Array.isArray(bytes) && bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256)
  return {
    id: -1,
    bytes: given ? Uint8Array.from(bytes as number[]) : new Uint8Array(Buffer.from(string(token))),
    logprob: typeof logprob === 'number' && Number.isFinite(logprob) ? Math.min(0, logprob) : -9999,
  }
}
