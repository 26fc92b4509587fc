import type { ChatRequest, CompletionRequest, EmbedRequest } from '#serve/engine'

/** How many tokens a request may need at most, as far as that can be said without its model. */
export interface Bound {
  input: number
  output: number
}

/** What an answer without a maximum, of a model whose window is not known, is taken to need. */
const unknownAnswer = 4096
/** What a chat template adds to a turn. */
const templateTokens = 16

/** A token stands for a byte or more, and no prompt is longer than the model's window. */
export function boundOf(request: ChatRequest | CompletionRequest, contextLength: number | null): Bound {
  const window = contextLength ?? Number.POSITIVE_INFINITY
  const most = Math.min(request.maxTokens ?? contextLength ?? unknownAnswer, window)
  if (!('messages' in request)) {
    const suffix = request.suffix === null ? 0 : Buffer.byteLength(request.suffix)
    const inputs = request.prompts.map((prompt) => Math.min(lengthOf(prompt) + suffix, window))
    return { input: sum(inputs), output: most * request.choices * request.prompts.length }
  }
  const turns = request.messages.map(
    ({ content, calls = [] }) =>
      templateTokens + Buffer.byteLength(content) + (calls.length === 0 ? 0 : JSON.stringify(calls).length),
  )
  const tools = request.tools === undefined ? 0 : JSON.stringify(request.tools.functions).length
  return { input: Math.min(templateTokens + sum(turns) + tools, window), output: most * request.choices }
}

export const boundOfInputs = ({ inputs }: EmbedRequest): Bound => ({ input: sum(inputs.map(lengthOf)), output: 0 })

const lengthOf = (prompt: string | readonly number[]): number =>
  typeof prompt === 'string' ? Buffer.byteLength(prompt) : prompt.length

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
