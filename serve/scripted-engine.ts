import { setTimeout as wait } from 'node:timers/promises'
import type { TokenLogprob } from '#model/decoding'
import type {
  ChatRequest,
  CompletionRequest,
  Engine,
  EngineEvent,
  EngineStatus,
  GenerationRequest,
  ModelInfo,
} from '#serve/engine'

export interface Script {
  /** The answer's tokens, as bytes or as text; the same for each choice unless it says otherwise. */
  tokens: (request: ChatRequest | CompletionRequest, choice: number) => readonly (string | Uint8Array)[]
  /** Before each token. */
  delayMs?: number
  promptTokens?: number
  droppedMessages?: number
  /** Thrown before the first event. */
  refuse?: Error
  /** Thrown after this many tokens. */
  break?: { after: number; error: Error }
}

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

  constructor(script: Script, id = 'scripted') {
    this.script = script
    this.#model = {
      id,
      created: 1_700_000_000,
      ownedBy: 'dotline',
      contextLength: 1024,
      state: 'ready',
      fingerprint: 'fp_scripted',
    }
  }

  models(): ModelInfo[] {
    return [this.#model]
  }

  status(): EngineStatus {
    return { state: 'ready', problem: null, active: this.running, waiting: 0 }
  }

  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    return this.#play(request, request.choices, [], signal)
  }

  complete(request: CompletionRequest, signal: AbortSignal): AsyncIterable<EngineEvent> {
    const echo = request.echo ? request.prompts.map(String) : []
    return this.#play(request, request.choices * request.prompts.length, echo, signal)
  }

  ready(): Promise<void> {
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.closed = true
  }

  async *#play(
    request: ChatRequest | CompletionRequest,
    choices: number,
    echo: readonly string[],
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    const { script } = this
    this.requests.push(request)
    if (script.refuse !== undefined) throw script.refuse
    this.running++
    let complete = false
    try {
      yield {
        type: 'start',
        promptTokens: script.promptTokens ?? 7,
        droppedMessages: script.droppedMessages ?? 0,
        echo,
      }
      yield* this.#tokens(request, choices, signal)
      complete = true
    } finally {
      this.running--
      if (!complete || signal.aborted) this.cancelled.push(performance.now())
    }
  }

  async *#tokens(request: GenerationRequest, choices: number, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { script } = this
    const answers = Array.from({ length: choices }, (_, choice) =>
      perform(script.tokens(request as ChatRequest, choice), request),
    )
    const longest = Math.max(...answers.map((answer) => answer.tokens.length))
    for (let at = 0; at <= longest; at++) {
      if (script.delayMs !== undefined) await wait(script.delayMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      if (script.break !== undefined && at >= script.break.after) throw script.break.error
      for (const [choice, answer] of answers.entries()) {
        if (at < answer.tokens.length) {
          this.produced++
          yield { type: 'token', choice, ...answer.tokens[at] }
        } else if (at === answer.tokens.length) yield { type: 'end', choice, ...answer.end }
      }
    }
  }
}

interface Performance {
  tokens: { text: string; logprob: TokenLogprob | null; top: TokenLogprob[] }[]
  end: { text: string; finishReason: 'stop' | 'length'; completionTokens: number }
}

/** Lays out one answer: length, stop strings, whole characters only, and log-probabilities that fall by the token. */
function perform(script: readonly (string | Uint8Array)[], request: GenerationRequest): Performance {
  const decoder = new TextDecoder()
  const cut = script.slice(0, request.maxTokens ?? script.length)
  const whole = Buffer.concat(cut.map((token) => Buffer.from(token as string))).toString()
  const stops = request.stop.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0)
  const end = stops.length === 0 ? whole.length : Math.min(...stops)
  const tokens: Performance['tokens'] = []
  let length = 0
  for (const [id, token] of cut.entries()) {
    if (length >= end && stops.length > 0) break
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
  const finishReason = stops.length > 0 || cut.length === script.length ? 'stop' : 'length'
  return { tokens, end: { text: '', finishReason, completionTokens: tokens.length } }
}
