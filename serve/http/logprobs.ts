import type { PromptToken, TokenLogprob } from '#model/decoding'
import type { EngineToken } from '#serve/engine'
import type { ChatLogprobs } from '#wire/chat'
import type { CompletionLogprobs } from '#wire/completions'

/** What OpenAI's format writes for "very unlikely"; JSON has no minus infinity. */
const veryUnlikely = -9999

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const finite = (logprob: number) => (logprob > veryUnlikely ? logprob : veryUnlikely)

/** A token's text; the bytes of one that holds part of a character are written as `\xe7\x82`. */
function tokenText(bytes: Uint8Array, brokenPrefix: string): string {
  try {
    return strict.decode(bytes)
  } catch {
    return brokenPrefix + Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  }
}

const chatToken = ({ bytes, logprob }: TokenLogprob) => ({
  token: tokenText(bytes, ''),
  logprob: finite(logprob),
  bytes: Array.from(bytes),
})

/** The log-probabilities of one token in the form of chat completions; null where none were asked for. */
export function chatLogprobs(event: EngineToken): ChatLogprobs | null {
  if (event.logprob === null) return null
  return { content: [{ ...chatToken(event.logprob), top_logprobs: event.top.map(chatToken) }], refusal: null }
}

/** The older form of completions, which counts where in the text each token begins. */
export class CompletionLogprobWriter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #offset: number

  /** `offset` is the length of what stands before the answer, in UTF-16 units. */
  constructor(offset: number) {
    this.#offset = offset
  }

  write(event: EngineToken): CompletionLogprobs | null {
    const { logprob, prompt } = event
    if (logprob === null) return null
    const written = this.#answered(logprob, event.top)
    return prompt === undefined ? written : joinCompletionLogprobs([promptLogprobs(prompt), written])
  }

  #answered(logprob: TokenLogprob, top: readonly TokenLogprob[]): CompletionLogprobs {
    const text = (token: TokenLogprob) => tokenText(token.bytes, 'bytes:')
    const offset = this.#offset
    this.#offset += this.#decoder.decode(logprob.bytes, { stream: true }).length
    return {
      tokens: [text(logprob)],
      token_logprobs: [finite(logprob.logprob)],
      top_logprobs: [Object.fromEntries(top.map((token) => [text(token), finite(token.logprob)]))],
      text_offset: [offset],
    }
  }
}

/** The prompt's tokens, from the text's beginning on; nothing is known of the first. */
function promptLogprobs(prompt: readonly PromptToken[]): CompletionLogprobs {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let offset = 0
  const offsets = prompt.map(({ bytes, control }) => {
    const from = offset
    if (!control) offset += decoder.decode(bytes, { stream: true }).length
    return from
  })
  const text = ({ bytes }: { bytes: Uint8Array }) => tokenText(bytes, 'bytes:')
  return {
    tokens: prompt.map(text),
    token_logprobs: prompt.map(({ logprob }) => (logprob === null ? null : finite(logprob))),
    top_logprobs: prompt.map(({ logprob, top }) =>
      logprob === null ? null : Object.fromEntries(top.map((token) => [text(token), finite(token.logprob)])),
    ),
    text_offset: offsets,
  }
}

/** Joins what single tokens reported. */
export function joinChatLogprobs(parts: readonly ChatLogprobs[]): ChatLogprobs {
  return { content: parts.flatMap((part) => part.content ?? []), refusal: null }
}

/** Joins what single tokens reported. */
export function joinCompletionLogprobs(parts: readonly CompletionLogprobs[]): CompletionLogprobs {
  return {
    tokens: parts.flatMap((part) => part.tokens),
    token_logprobs: parts.flatMap((part) => part.token_logprobs),
    top_logprobs: parts.flatMap((part) => part.top_logprobs),
    text_offset: parts.flatMap((part) => part.text_offset),
  }
}
