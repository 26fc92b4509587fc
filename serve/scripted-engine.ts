import { setTimeout as wait } from 'node:timers/promises'
import type { TokenLogprob } from '#model/decoding'
import {
  type ChatRequest,
  type CompletionRequest,
  capabilities,
  type Embeddings,
  type EmbedRequest,
  type Engine,
  type EngineEvent,
  type EngineStats,
  type EngineStatus,
  type GenerationRequest,
  type ModelInfo,
  type TokenizeRequest,
} from '#serve/engine'
import { EngineCounts } from '#serve/engine-counts'
import { ApiError } from '#wire/errors'

/** What goes wrong after so many tokens. */
export type Fault =
  /** Nothing more comes for this long, or until the reader leaves. */
  | { type: 'stall'; after: number; ms?: number }
  /** The answer ends without its end. */
  | { type: 'cut'; after: number }
  /** An event that no engine may send. */
  | { type: 'garbage'; after: number }
  /** The end says that so many tokens were made, whatever was. */
  | { type: 'wrong-usage'; completionTokens: number }

export interface Script {
  /** The answer's tokens, as bytes or as text; the same for each choice unless it says otherwise. */
  tokens: (request: ChatRequest | CompletionRequest, choice: number) => readonly (string | Uint8Array)[]
  /** Before each token. */
  delayMs?: number | ((at: number) => number)
  promptTokens?: number
  cachedTokens?: number
  droppedMessages?: number
  /** Thrown before the first event. */
  refuse?: Error
  /** Thrown after this many tokens. */
  break?: { after: number; error: Error }
  faults?: readonly Fault[]
  /** Told whole instead of what `tokens` makes: what another engine once said, at the script's pace and with its faults. */
  replay?: readonly EngineEvent[]
}

/** Length of a vector where a request names none. */
const ownDimensions = 8

/** An engine without a model, for tests: it plays a script and keeps a record of who asked and who left. */
export class ScriptedEngine implements Engine {
  readonly requests: (ChatRequest | CompletionRequest)[] = []
  /** Times (performance.now) at which an answer was ended by its reader. */
  readonly cancelled: number[] = []
  /** Tokens given out so far. */
  produced = 0
  running = 0
  closed = false
  script: Script
  readonly #model: ModelInfo
  readonly #counts = new EngineCounts()
  readonly #closing = new AbortController()

  constructor(script: Script, id = 'scripted') {
    this.script = script
    this.#model = {
      id,
      created: 1_700_000_000,
      ownedBy: 'dotline',
      contextLength: 1024,
      state: 'ready',
      fingerprint: 'fp_scripted',
      capabilities: capabilities.filter((each) => each !== 'vision'),
    }
  }

  models(): ModelInfo[] {
    return [this.#model]
  }

  status(): EngineStatus {
    return { state: 'ready', problem: null, active: this.running, waiting: 0 }
  }

  stats(): EngineStats {
    return this.#counts.stats()
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return this.#play(request, request.choices, [], signal)
  }

  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const echo = request.echo ? request.prompts.map(String) : []
    return this.#play(request, request.choices * request.prompts.length, echo, signal)
  }

  /** Vectors of length one that only the inputs decide: the same input has the same vector. */
  async embed({ inputs, dimensions }: EmbedRequest, signal: AbortSignal): Promise<Embeddings> {
    signal.throwIfAborted()
    const texts = inputs.map((input) => (typeof input === 'string' ? input : input.join(' ')))
    const vectors = texts.map((text) => pointOf(text, dimensions ?? ownDimensions))
    return { vectors, promptTokens: texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) }
  }

  /** A token is a byte. */
  async tokenize({ texts }: TokenizeRequest, signal: AbortSignal): Promise<number[][]> {
    signal.throwIfAborted()
    return texts.map((text) => [...Buffer.from(text)])
  }

  ready(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.closed = true
    this.#closing.abort()
  }

  async *#play(
    request: ChatRequest | CompletionRequest,
    choices: number,
    echo: readonly string[],
    reader: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    if (this.closed) throw new ApiError('shutting_down', '', null, 1)
    this.requests.push(request)
    const count = this.#counts.begin()
    if (this.script.refuse !== undefined) {
      count.broke()
      throw this.script.refuse
    }
    this.running++
    const signal = AbortSignal.any([reader, this.#closing.signal])
    let left = true
    try {
      for await (const event of this.#paced(this.#steps(request, choices, echo), signal)) {
        count.see(event)
        if (event.type === 'token') this.produced++
        yield event
      }
      left = reader.aborted
      if (this.closed) throw new ApiError('shutting_down', '', null, 1)
    } catch (error) {
      left = false
      count.broke()
      throw error
    } finally {
      this.running--
      if (left || reader.aborted) {
        this.cancelled.push(performance.now())
        count.left()
      }
    }
  }

  #steps(request: GenerationRequest, choices: number, echo: readonly string[]): Iterable<readonly EngineEvent[]> {
    const { script } = this
    if (script.replay !== undefined) return script.replay.map((event) => [event])
    const start: EngineEvent = {
      type: 'start',
      promptTokens: script.promptTokens ?? 7,
      droppedMessages: script.droppedMessages ?? 0,
      echo,
    }
    if (script.cachedTokens !== undefined) start.cachedTokens = script.cachedTokens
    return [[start], ...layOut(script, request, choices)]
  }

  /** Gives events out at the script's pace, with its faults. */
  async *#paced(steps: Iterable<readonly EngineEvent[]>, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { delayMs, break: broken, faults } = this.script
    const pause = async (ms: number | undefined) => {
      if (ms !== undefined) await wait(ms, undefined, { signal }).catch(() => {})
    }
    let at = -1
    for (const events of steps) {
      if (at >= 0) {
        await pause(typeof delayMs === 'function' ? delayMs(at) : delayMs)
        if (signal.aborted) return
        if (broken !== undefined && at >= broken.after) throw broken.error
        const fault = faults?.find((each) => each.type !== 'wrong-usage' && each.after === at)
        if (fault?.type === 'cut') return
        if (fault?.type === 'garbage') yield { type: 'noise', choice: -1 } as unknown as EngineEvent
        if (fault?.type === 'stall') await pause(fault.ms ?? 2 ** 31 - 1)
        if (signal.aborted) return
      }
      at++
      yield* events
    }
  }
}

/** A script's tokens and ends, step by step as a batch would give them out. */
function layOut(script: Script, request: GenerationRequest, choices: number): EngineEvent[][] {
  const answers = Array.from({ length: choices }, (_, choice) =>
    perform(script.tokens(request as ChatRequest, choice), request),
  )
  const wrong = script.faults?.find((each) => each.type === 'wrong-usage')
  const longest = Math.max(...answers.map((answer) => answer.tokens.length))
  return Array.from({ length: longest + 1 }, (_, at) =>
    answers.flatMap(({ tokens, end }, choice): EngineEvent[] => {
      if (at < tokens.length) return [{ type: 'token', choice, ...tokens[at] }]
      if (at > tokens.length) return []
      const completionTokens = wrong?.completionTokens ?? end.completionTokens
      return [{ type: 'end', choice, ...end, completionTokens }]
    }),
  )
}

interface Performance {
  tokens: { text: string; logprob: TokenLogprob | null; top: TokenLogprob[] }[]
  end: { text: string; finishReason: 'stop' | 'length'; stop?: string; completionTokens: number }
}

/** Lays out one answer: length, stop strings, whole characters only, and log-probabilities that fall by the token. */
function perform(script: readonly (string | Uint8Array)[], request: GenerationRequest): Performance {
  const decoder = new TextDecoder()
  const cut = script.slice(0, request.maxTokens ?? script.length)
  const whole = Buffer.concat(cut.map((token) => Buffer.from(token as string))).toString()
  const places = request.stop.map((stop) => ({ stop, at: whole.indexOf(stop) }))
  const [met] = places.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)
  const end = met?.at ?? whole.length
  const tokens: Performance['tokens'] = []
  let length = 0
  for (const [id, token] of cut.entries()) {
    if (length >= end && met !== undefined) break
    const bytes = new Uint8Array(Buffer.from(token as string))
    const text = decoder.decode(bytes, { stream: true })
    const logprob = (rank: number): TokenLogprob => ({ id: id + rank, bytes, logprob: -(id + 1 + rank) / 8 })
    const reported = request.topLogprobs !== null
    tokens.push({
      text: text.slice(0, Math.max(0, end - length)),
      logprob: reported ? logprob(0) : null,
      top: Array.from({ length: request.topLogprobs ?? 0 }, (_, rank) => logprob(rank)),
    })
    length += text.length
  }
  const finishReason = met !== undefined || cut.length === script.length ? 'stop' : 'length'
  const stop = met === undefined ? {} : { stop: met.stop }
  return { tokens, end: { text: '', finishReason, ...stop, completionTokens: tokens.length } }
}

function pointOf(text: string, dimensions: number): Float32Array {
  let state = 2_166_136_261
  for (const byte of Buffer.from(text)) state = Math.imul(state ^ byte, 16_777_619) >>> 0
  const vector = Float32Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  })
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}
