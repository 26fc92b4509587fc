import type { ChatRequest } from '#serve/engine'
import type { ChatRequestBody } from '#wire/chat'
import { ApiError } from '#wire/errors'
import type { Item } from '#wire/response-items'
import { type PromptBody, type ResponseRequestBody, wantsLogprobs } from '#wire/responses'
import { chatRequest } from '../http/requests.ts'
import { turnsOf } from './items.ts'

/** What an engine is asked for a response that continues items, by way of a chat completion's body. */
export const answerOf = (body: ResponseRequestBody, items: readonly Item[]): ChatRequest =>
  chatOf(body, items, sampling(body))

/** The same prompt, of which only the length counts: the least is asked for. */
export const promptOf = (body: PromptBody, items: readonly Item[]): ChatRequest =>
  chatOf(body, items, { max_completion_tokens: 1 })

function chatOf(body: PromptBody, items: readonly Item[], how: Partial<ChatRequestBody>): ChatRequest {
  const rules = body.instructions == null ? [] : [{ role: 'system' as const, content: body.instructions }]
  const asked = chatRequest({ ...how, ...forms(body), model: body.model, messages: [] })
  return { ...asked, messages: [...rules, ...turnsOf(items)], truncation: body.truncation ?? 'disabled' }
}

function sampling(body: ResponseRequestBody): Partial<ChatRequestBody> {
  const { temperature, top_p, top_k, min_p, repetition_penalty, seed, max_output_tokens, top_logprobs } = body
  return {
    temperature,
    top_p,
    top_k,
    min_p,
    repetition_penalty,
    seed,
    max_completion_tokens: max_output_tokens,
    ...(wantsLogprobs(body) ? { logprobs: true, top_logprobs } : {}),
  }
}

function forms(body: PromptBody): Partial<ChatRequestBody> {
  const { tools, tool_choice: choice, parallel_tool_calls, text } = body
  const functions = (tools ?? []).flatMap((tool) => {
    if (tool.type !== 'function') return []
    const { name, description, parameters, strict } = tool as Extract<typeof tool, { type: 'function' }>
    return [{ type: 'function' as const, function: { name, description, parameters, strict } }]
  })
  const format = text?.format
  return {
    ...(functions.length > 0 ? { tools: functions, tool_choice: choiceOf(choice), parallel_tool_calls } : {}),
    ...(format == null ? {} : { response_format: formatOf(format) }),
  }
}

type Named = { type: 'function'; name: string }
const nested = ({ name }: Named) => ({ type: 'function' as const, function: { name } })

function choiceOf(choice: PromptBody['tool_choice']): ChatRequestBody['tool_choice'] {
  if (choice == null || typeof choice === 'string') return choice
  if (choice.type === 'function') return nested(choice)
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.tools.map(nested) } }
}

type Format = NonNullable<NonNullable<PromptBody['text']>['format']>

function formatOf(format: Format): ChatRequestBody['response_format'] {
  if (format.type !== 'json_schema') return format
  const { name, description, schema, strict } = format
  return { type: 'json_schema', json_schema: { name, description, schema, strict } }
}

/** Names of a chat completion's fields in what an engine says, and what they are called here. */
const fields: readonly (readonly [RegExp, string])[] = [
  [/response_format(\.json_schema)?(?=\b)/g, 'text.format'],
  [/\.function\.parameters/g, '.parameters'],
  [/max_completion_tokens/g, 'max_output_tokens'],
  [/messages\[\d+\][\w.[\]]*/g, 'input'],
  [/'messages'/g, "'input'"],
  [/^messages$/g, 'input'],
]

/** An engine's error in the words of this dialect. */
export function inOurWords(error: ApiError): ApiError {
  const say = (text: string) => fields.reduce((all, [theirs, ours]) => all.replace(theirs, ours), text)
  return new ApiError(error.code, say(error.detail), error.param && say(error.param), error.retryAfterSeconds)
}
