import { z } from 'zod'
import {
  checkStreamOptions,
  dotlineSchema,
  finishReasons,
  generation,
  identifiers,
  only,
  unsupported,
  usageSchema,
} from './fields.ts'
import { limits } from './limits.ts'

/** `POST /v1/chat/completions`: the request, the whole reply and the chunks of a streamed one. */

const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })

const otherPart = z
  .looseObject({ type: z.enum(['image_url', 'input_audio', 'file', 'refusal']) })
  .superRefine((part, context) => {
    context.addIssue({
      code: 'custom',
      message: `Content parts of type '${part.type}' are not supported by this version: only text is.`,
      params: { code: 'unsupported_value' },
    })
  })
  .meta({ description: 'Not supported by this version.' })

const parts = z
  .array(z.discriminatedUnion('type', [textPart, otherPart], { error: "expected the type 'text'" }))
  .min(1)
  .max(limits.contentParts)

const content = z.union([z.string(), parts], { error: 'expected a string or an array of text parts' })
const name = z.string().max(limits.nameLength).nullish()
const emptyList = (value: unknown): value is [] => Array.isArray(value) && value.length === 0

const assistantMessage = z
  .strictObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    name,
    refusal: z.string().nullish().describe('As replies carry it; a refusal without content is read as the content.'),
    annotations: only('annotations', emptyList, 'an empty list'),
    tool_calls: only('tool_calls', emptyList, 'an empty list'),
    function_call: unsupported('function_call', 'it calls no functions'),
    audio: unsupported('audio', 'it reads and writes text'),
  })
  .superRefine((message, context) => {
    if (typeof message.content === 'string' || Array.isArray(message.content) || typeof message.refusal === 'string')
      return
    context.addIssue({
      code: 'custom',
      path: ['content'],
      message: 'Invalid message: an assistant message needs a content.',
      params: { code: 'invalid_value' },
    })
  })

export const chatMessageSchema = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.literal('developer'), content, name }),
    z.strictObject({ role: z.literal('system'), content, name }),
    z.strictObject({ role: z.literal('user'), content, name }),
    assistantMessage,
    z.strictObject({ role: z.literal('tool'), content, tool_call_id: z.string().max(limits.identifierLength) }),
  ],
  { error: "expected one of 'developer', 'system', 'user', 'assistant', 'tool'" },
)

const textFormat = (value: unknown): value is { type: 'text' } =>
  typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'text'
const textOnly = (value: unknown): value is ['text'] =>
  Array.isArray(value) && value.length === 1 && value[0] === 'text'
const ordinaryTier = (value: unknown): value is string => value === 'auto' || value === 'default'
const notTrue = (value: unknown): value is false => value === false

export const chatRequestSchema = z
  .strictObject({
    ...generation,
    messages: z.array(chatMessageSchema).min(1).max(limits.messages),
    max_completion_tokens: z.int().min(1).max(limits.maxTokens).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(limits.topLogprobs).nullish(),
    ...identifiers,
    response_format: only('response_format', textFormat, "{ type: 'text' }"),
    modalities: only('modalities', textOnly, "['text']"),
    service_tier: only('service_tier', ordinaryTier, "'auto' or 'default'"),
    store: only('store', notTrue, 'false'),
    tools: unsupported('tools', 'it calls no tools'),
    tool_choice: unsupported('tool_choice', 'it calls no tools'),
    parallel_tool_calls: unsupported('parallel_tool_calls', 'it calls no tools'),
    functions: unsupported('functions', 'it calls no functions'),
    function_call: unsupported('function_call', 'it calls no functions'),
    audio: unsupported('audio', 'it reads and writes text'),
    prediction: unsupported('prediction', 'it has no predicted outputs'),
    reasoning_effort: unsupported('reasoning_effort', 'its models do not reason at length before they answer'),
    verbosity: unsupported('verbosity', 'its models were not trained for it'),
    web_search_options: unsupported('web_search_options', 'it never searches the web'),
    metadata: unsupported('metadata', 'it stores no answers'),
    moderation: unsupported('moderation', 'it has no moderation model'),
  })
  .superRefine((body, context) => {
    checkStreamOptions(body, context)
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message, params: { code: 'invalid_value' } })
    if (typeof body.top_logprobs === 'number' && body.logprobs !== true)
      refuse('top_logprobs', "'top_logprobs' is only allowed together with 'logprobs': true.")
    if (typeof body.max_tokens === 'number' && typeof body.max_completion_tokens === 'number')
      refuse('max_tokens', "Give 'max_tokens' or 'max_completion_tokens', not both.")
  })

export type ChatMessageBody = z.infer<typeof chatMessageSchema>
export type ChatRequestBody = z.infer<typeof chatRequestSchema>

const alternative = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullable(),
})
export const chatLogprobsSchema = z.object({
  content: z.array(alternative.extend({ top_logprobs: z.array(alternative) })).nullable(),
  refusal: z.null(),
})
export type ChatLogprobs = z.infer<typeof chatLogprobsSchema>

const replyHead = <T extends string>(object: T) => ({
  id: z.string(),
  object: z.literal(object),
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string().optional(),
})

export const chatReplySchema = z.object({
  ...replyHead('chat.completion'),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      logprobs: chatLogprobsSchema.nullable(),
      finish_reason: z.enum(finishReasons),
    }),
  ),
  usage: usageSchema,
  dotline: dotlineSchema,
})
export type ChatReply = z.infer<typeof chatReplySchema>

export const chatChunkSchema = z.object({
  ...replyHead('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }),
      logprobs: chatLogprobsSchema.nullable(),
      finish_reason: z.enum(finishReasons).nullable(),
    }),
  ),
  usage: usageSchema.nullable().optional(),
  obfuscation: z.string().optional(),
  dotline: dotlineSchema.optional(),
})
export type ChatChunk = z.infer<typeof chatChunkSchema>
