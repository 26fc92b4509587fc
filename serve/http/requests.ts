import { randomInt } from 'node:crypto'
import type {
  AnswerFormat,
  ChatRequest,
  ChatTurn,
  CompletionRequest,
  ContentPart,
  ModelInfo,
  SamplingWish,
  ToolUse,
} from '#serve/engine'
import type { ChatMessageBody, ChatRequestBody } from '#wire/chat'
import type { CompletionRequestBody } from '#wire/completions'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { chosenNames } from '#wire/tools'

/** From what stands in a request's body to what an engine is asked. */

type Shared = Omit<CompletionRequestBody, 'prompt' | 'logprobs'>

function sampling(body: Shared): SamplingWish {
  return {
    temperature: body.temperature ?? null,
    topK: body.top_k ?? null,
    topP: body.top_p ?? null,
    minP: body.min_p ?? null,
    repetitionPenalty: body.repetition_penalty ?? null,
    presencePenalty: body.presence_penalty ?? null,
    frequencyPenalty: body.frequency_penalty ?? null,
    logitBias: new Map(Object.entries(body.logit_bias ?? {}).map(([id, bias]) => [Number(id), bias])),
    seed: typeof body.seed === 'number' ? seed32(body.seed) : randomInt(2 ** 32),
  }
}

/** Any safe integer as an unsigned 32-bit seed. */
const seed32 = (seed: number) => Number(BigInt.asUintN(32, BigInt(seed)))

function shared(body: Shared) {
  const stop = typeof body.stop === 'string' ? [body.stop] : (body.stop ?? [])
  return { model: body.model, sampling: sampling(body), stop, choices: body.n ?? 1 }
}

function turn(message: ChatMessageBody): ChatTurn {
  const content = message.content ?? (message.role === 'assistant' ? message.refusal : '') ?? ''
  const calls = message.role === 'assistant' ? (message.tool_calls ?? []) : []
  return {
    role: message.role,
    content: typeof content === 'string' ? content : content.map((part) => ('text' in part ? part.text : '')).join(''),
    ...('name' in message && message.name != null ? { name: message.name } : {}),
    ...(typeof content === 'string' ? {} : seen(content)),
    ...(calls.length === 0 ? {} : { calls: calls.map((call) => ({ id: call.id, ...call.function })) }),
    ...(message.role === 'tool' ? { callId: message.tool_call_id } : {}),
  }
}

type Parts = Exclude<NonNullable<ChatMessageBody['content']>, string>

/** The parts of a content where one of them is a picture. */
function seen(content: Parts): { parts?: ContentPart[] } {
  const parts = content.flatMap((part): ContentPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    if (part.type !== 'image_url' || !('image_url' in part)) return []
    const { url, detail } = part.image_url as { url: string; detail?: 'auto' | 'low' | 'high' | null }
    return [{ type: 'image', url, ...(detail == null ? {} : { detail }) }]
  })
  return parts.some((part) => part.type === 'image') ? { parts } : {}
}

/** Refuses pictures for a model that has no eyes, by the first of them. @throws ApiError */
export function refuseUnseen(messages: readonly ChatTurn[], model: ModelInfo): void {
  if (model.capabilities.includes('vision')) return
  for (const [turn, { parts = [] }] of messages.entries()) {
    const at = parts.findIndex((part) => part.type === 'image')
    if (at < 0) continue
    const text = `The model '${model.id}' reads text alone: it cannot see pictures. Leave the part out, or ask a model that can.`
    throw new ApiError('unsupported_value', text, `messages[${turn}].content[${at}]`)
  }
}

/** Which functions may be called, and whether one must be; nothing where none may. */
function toolUse(body: ChatRequestBody): { tools?: ToolUse } {
  const choice = body.tool_choice ?? 'auto'
  const given = (body.tools ?? []).flatMap((tool) => (tool.type === 'function' ? [tool.function] : []))
  if (given.length === 0 || choice === 'none') return {}
  const allowed = typeof choice === 'object' && choice.type === 'allowed_tools' ? chosenNames(choice) : null
  const functions = given
    .filter(({ name }) => allowed === null || allowed.includes(name))
    .map(({ name, description, parameters, strict }) => ({
      name,
      ...(description == null ? {} : { description }),
      ...(parameters == null ? {} : { parameters }),
      ...(strict == null ? {} : { strict }),
    }))
  const named = typeof choice === 'object' && choice.type === 'function' ? { name: choice.function.name } : null
  const mode =
    typeof choice === 'string' ? choice : choice.type === 'allowed_tools' ? choice.allowed_tools.mode : 'auto'
  return { tools: { functions, choice: named ?? mode, parallel: body.parallel_tool_calls !== false } }
}

function answerFormat({ response_format: asked }: ChatRequestBody): { format?: AnswerFormat } {
  if (asked == null || asked.type === 'text') return {}
  if (asked.type === 'json_object') return { format: { type: 'json_object' } }
  return { format: { type: 'json_schema', schema: asked.json_schema.schema ?? {} } }
}

export function chatRequest(body: ChatRequestBody): ChatRequest {
  return {
    ...shared(body),
    messages: body.messages.map(turn),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    topLogprobs: body.logprobs === true ? (body.top_logprobs ?? 0) : null,
    truncation: body.truncation ?? 'disabled',
    ...toolUse(body),
    ...answerFormat(body),
  }
}

export function completionRequest(body: CompletionRequestBody): CompletionRequest {
  return {
    ...shared(body),
    prompts: prompts(body.prompt),
    suffix: body.suffix ?? null,
    echo: body.echo === true,
    maxTokens: body.max_tokens ?? limits.completionTokensDefault,
    topLogprobs: body.logprobs ?? null,
  }
}

function prompts(prompt: CompletionRequestBody['prompt']): (string | number[])[] {
  if (typeof prompt === 'string') return [prompt]
  return typeof prompt[0] === 'number' ? [prompt as number[]] : (prompt as string[] | number[][])
}
