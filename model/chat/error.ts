/** A chat template, or messages given to one, that cannot be rendered: says what is wrong and what the limit is. */
export class ChatTemplateError extends Error {
  override readonly name = 'ChatTemplateError'
}

/** The system message and the last turn alone do not fit the context window. */
export class PromptTooLongError extends Error {
  override readonly name = 'PromptTooLongError'
  /** Tokens of the shortest prompt that keeps the last user message. */
  readonly tokens: number
  /** Tokens that a prompt may have: the context length less what is reserved for the answer. */
  readonly limit: number

  constructor(tokens: number, limit: number) {
    super(`the last message needs ${tokens} tokens and the prompt may have ${limit}: shorten it or reserve less`)
    this.tokens = tokens
    this.limit = limit
  }
}
