import { z } from 'zod'
import {
  cacheRetention,
  checkStreamOptions,
  dotlineSchema,
  finishReasons,
  generation,
  identifiers,
  only,
  refusedKind,
  truncation,
  unsupported,
  usageSchema,
} from './fields.ts'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'
import {
  checkForms,
  metadataSchema,
  responseFormatSchema,
  sentCallSchema,
  toolCallDeltaSchema,
  toolCallSchema,
  toolChoiceSchema,
  toolSchema,
} from './tools.ts'

/** `POST /v1/chat/completions`: the request, the whole reply and the chunks of a streamed one. */

export const textPart = z.strictObject({ type: z.literal('text'), text: z.string() })

export const imagePart = z
  .strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({
      url: z
        .string()
        .max(limits.bodyBytes)
        .regex(/^(data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]|https?:\/\/[^\s/])/, {
          error: "expected 'data:image/png;base64,…' (or jpeg, webp, gif), or an address that begins with https://",
        }),
      detail: z.enum(['auto', 'low', 'high']).nullish(),
    }),
  })
  .describe('For models that see: one that does not answers 400.')

const otherPart = <const T extends readonly [string, ...string[]]>(...types: T) =>
  refusedKind<T, typeof textPart>(
    'type',
    types,
    (type) => `Content parts of type '${type}' are not supported here by this version.`,
    'not here',
  )

const listOf = <T extends z.ZodType>(part: T) => z.array(part).min(1).max(limits.contentParts)

const otherText = otherPart('image_url', 'input_audio', 'file', 'refusal')
const textParts = listOf(z.discriminatedUnion('type', [textPart, otherText], { error: "expected the type 'text'" }))
const content = z.union([z.string(), textParts], { error: 'expected a string or an array of text parts' })

const otherSeen = otherPart('input_audio', 'file', 'refusal')
const parts = z.discriminatedUnion('type', [textPart, imagePart, otherSeen], {
  error: "expected the type 'text' or 'image_url'",
})
const userContent = z.union([z.string(), listOf(parts)], { error: 'expected a string or an array of parts' })
const name = z
  .string()
  .min(1)
  .max(limits.nameLength)
  .nullish()
  .describe('Who of several speakers of this role it is. A model whose template has no place for it answers 400.')
const emptyList = (value: unknown): value is [] => Array.isArray(value) && value.length === 0
const callId = z.string().min(1).max(limits.identifierLength)

const assistantMessage = z
  .strictObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    name,
    refusal: z.string().nullish().describe('As replies carry it; a refusal without content is read as the content.'),
    annotations: only('annotations', emptyList, 'an empty list'),
    tool_calls: z.array(sentCallSchema).max(limits.tools).nullish(),
    function_call: unsupported('function_call', 'it calls no functions'),
    audio: unsupported('audio', 'it reads and writes text'),
  })
  .superRefine((message, context) => {
    const calls = message.tool_calls ?? []
    if (typeof message.content === 'string' || Array.isArray(message.content) || typeof message.refusal === 'string')
      return
    if (calls.length > 0) return
    context.addIssue({
      code: 'custom',
      path: ['content'],
      message: 'Invalid message: an assistant message needs a content or tool_calls.',
      params: { code: 'invalid_value' },
    })
  }, onceWhole)

const toolMessage = z.strictObject({ role: z.literal('tool'), content, tool_call_id: callId })
const functionMessage = refusedKind<['function'], typeof toolMessage>(
  'role',
  ['function'],
  () => "Messages of the role 'function' are not supported by this version: it is the old form of 'tool'.",
  "it is the old form of 'tool'",
)

export const chatMessageSchema = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.literal('developer'), content, name }),
    z.strictObject({ role: z.literal('system'), content, name }),
    z.strictObject({ role: z.literal('user'), content: userContent, name }),
    assistantMessage,
    toolMessage,
    functionMessage,
  ],
  { error: "expected one of 'developer', 'system', 'user', 'assistant', 'tool'" },
)

const textOnly = (value: unknown): value is ['text'] =>
  Array.isArray(value) && value.length === 1 && value[0] === 'text'
const ordinaryTier = (value: unknown): value is string => value === 'auto' || value === 'default'
const isNone = (value: unknown): value is 'none' => value === 'none'
const isMedium = (value: unknown): value is 'medium' => value === 'medium'

export const chatRequestSchema = z
  .strictObject({
    ...generation,
    messages: z.array(chatMessageSchema).min(1).max(limits.messages),
    max_completion_tokens: z.int().min(1).max(limits.maxTokens).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(limits.topLogprobs).nullish(),
    ...identifiers,
    prompt_cache_retention: cacheRetention,
    response_format: responseFormatSchema.nullish(),
    modalities: only('modalities', textOnly, "['text']"),
    service_tier: only('service_tier', ordinaryTier, "'auto' or 'default'"),
    store: z
      .boolean()
      .nullish()
      .describe('Keeps the completion for thirty days: it can be listed, read, given other metadata and deleted.'),
    truncation: truncation.describe(
      'Extension. auto: the oldest turns of a context that is too long go, and the reply says how many.',
    ),
    tools: z.array(toolSchema).max(limits.tools).nullish(),
    tool_choice: toolChoiceSchema.nullish(),
    parallel_tool_calls: z
      .boolean()
      .nullish()
      .describe('Whether an answer may hold more than one call. On unless false.'),
    functions: unsupported('functions', "it is the old form: use 'tools'"),
    function_call: unsupported('function_call', "it is the old form: use 'tool_choice'"),
    audio: unsupported('audio', 'it reads and writes text'),
    prediction: unsupported('prediction', 'it has no predicted outputs'),
    reasoning_effort: only('reasoning_effort', isNone, "'none'"),
    verbosity: only('verbosity', isMedium, "'medium'"),
    web_search_options: unsupported('web_search_options', 'it never searches the web'),
    metadata: metadataSchema.nullish().describe('Comes back in the whole reply.'),
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
    checkForms(body, refuse)
  }, onceWhole)

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
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(toolCallSchema).optional(),
      }),
      logprobs: chatLogprobsSchema.nullable(),
      finish_reason: z.enum(finishReasons),
    }),
  ),
  usage: usageSchema,
  metadata: metadataSchema.optional(),
  dotline: dotlineSchema,
})
export type ChatReply = z.infer<typeof chatReplySchema>

export const chatChunkSchema = z.object({
  ...replyHead('chat.completion.chunk'),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({
        role: z.literal('assistant').optional(),
        content: z.string().optional(),
        tool_calls: z.array(toolCallDeltaSchema).optional(),
      }),
      logprobs: chatLogprobsSchema.nullable(),
      finish_reason: z.enum(finishReasons).nullable(),
    }),
  ),
  usage: usageSchema.nullable().optional(),
  obfuscation: z.string().optional(),
  dotline: dotlineSchema.optional(),
})
export type ChatChunk = z.infer<typeof chatChunkSchema>
