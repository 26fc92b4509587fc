/** Who sits an exam: a model in this process or behind an API. Both are asked the same two things. */

export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface WriteRequest {
  /** A text to go on from, or a conversation to answer. */
  prompt: string | readonly Message[]
  maxTokens: number
  stop: readonly string[]
  /** 0 always takes the likeliest token. */
  temperature: number
  topP: number
  seed: number
}

export interface Written {
  text: string
  finish: 'stop' | 'length'
}

/** How likely a continuation is after a text. */
export interface Likelihood {
  /** Sum of the natural logarithms of its tokens' shares. */
  logprob: number
  tokens: number
  /** Whether each of its tokens was the likeliest. */
  greedy: boolean
}

export interface Examinee {
  /** As reports name it. */
  readonly name: string
  /** What its answers depend on: answers of another fingerprint are not taken for its own. */
  readonly fingerprint: string
  write(request: WriteRequest, signal: AbortSignal): Promise<Written>
  /**
   * How likely each continuation is. A token counts where any of it lies behind the beginning, as a tokenizer cuts both
   * together; the first token of all has no likelihood and does not count.
   */
  score(beginning: string, continuations: readonly string[], signal: AbortSignal): Promise<Likelihood[]>
  close(): Promise<void>
}

/** The examinee cannot be asked, or what came back is no answer. */
export class ExamineeError extends Error {
  override name = 'ExamineeError'
}

/** The question does not fit into the model's window; a shorter one may. */
export class QuestionTooLongError extends Error {
  override name = 'QuestionTooLongError'
}

/** One token of a text and where it stands there, in UTF-16 units. */
export interface PlacedToken {
  from: number
  to: number
  logprob: number
  likeliest: boolean
}

/** The likelihood of what stands behind the first `beginning` units of a text. The first token is none of it. */
export function behind(tokens: readonly PlacedToken[], beginning: number): Likelihood {
  const sum: Likelihood = { logprob: 0, tokens: 0, greedy: true }
  for (const { from, to, logprob, likeliest } of tokens) {
    // A token that holds the first bytes of a character ends where it begins.
    if (from < beginning && to <= beginning) continue
    sum.logprob += logprob
    sum.tokens++
    sum.greedy &&= likeliest
  }
  return sum
}
