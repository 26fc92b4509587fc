import { z } from 'zod'
import { only, unsupported } from './fields.ts'
import { limits } from './limits.ts'
import {
  cacheHint,
  checkTurns,
  messageToolChoiceSchema,
  messageToolSchema,
  messageTurnSchema,
  systemSchema,
} from './message-fields.ts'
import { onceWhole } from './once-whole.ts'

/** `POST /v1/messages` and `/v1/messages/count_tokens`, Anthropic's dialect: the requests, and replies whole and as events. */

const isHigh = (value: unknown): value is 'high' => value === 'high'
const isStandard = (value: unknown): value is 'standard' => value === 'standard'
const thinksFreely = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && 'type' in value && ['disabled', 'adaptive'].includes(`${value.type}`)

const outputConfig = z.strictObject({
  effort: only('output_config.effort', isHigh, "'high'"),
  format: z
    .strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) })
    .nullish()
    .describe('Holds the answer to a JSON Schema.'),
})

/** What counts towards the tokens of a prompt. */
const prompt = {
  model: z.string().min(1).max(limits.modelIdLength),
  messages: z.array(messageTurnSchema).min(1).max(limits.messages),
  system: systemSchema.nullish(),
  tools: z.array(messageToolSchema).max(limits.tools).nullish(),
  tool_choice: messageToolChoiceSchema.nullish(),
  thinking: only('thinking', thinksFreely, "the type 'disabled' or 'adaptive'"),
  output_config: outputConfig.nullish(),
  cache_control: cacheHint,
  speed: only('speed', isStandard, "'standard'"),
  context_management: unsupported('context_management', 'it never edits what was said'),
  mcp_servers: unsupported('mcp_servers', 'it calls no other server'),
  user_profile_id: unsupported('user_profile_id', 'it keeps no profiles'),
  workspace_id: unsupported('workspace_id', 'it has no workspaces'),
}

const number = (min: number, max: number) => z.number().min(min).max(max)

function checkPrompt(body: z.infer<z.ZodObject<typeof prompt>>, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string, code = 'invalid_value') =>
    context.addIssue({ code: 'custom', path, message, params: { code } })
  checkTurns(body.messages, refuse)
  const names = (body.tools ?? []).map((tool) => tool.name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) refuse(['tools'], `Two of 'tools' have the name '${twice}'.`)
  const choice = body.tool_choice
  if (choice == null || choice.type === 'none') return
  if (names.length === 0) refuse(['tool_choice'], "'tool_choice' is only allowed together with 'tools'.")
  else if (choice.type === 'tool' && !names.includes(choice.name))
    refuse(['tool_choice'], `There is no tool '${choice.name}' among 'tools': see 'tool_choice'.`)
}

export const messageRequestSchema = z
  .strictObject({
    ...prompt,
    max_tokens: z.int().min(1).max(limits.maxTokens),
    stream: z.boolean().nullish(),
    temperature: number(0, 1).nullish().describe('0 is greedy. The default is the model’s own.'),
    top_p: number(0, 1).nullish(),
    top_k: z.int().min(0).max(limits.topK).nullish(),
    stop_sequences: z.array(z.string().min(1).max(limits.stopLength)).max(limits.stopStrings).nullish(),
    metadata: z
      .strictObject({ user_id: z.string().max(limits.identifierLength).nullish() })
      .nullish()
      .describe('A name of the end user. Accepted and not used by this version.'),
    service_tier: z.enum(['auto', 'standard_only']).nullish().describe('There is one tier.'),
    container: unsupported('container', 'it runs no code'),
    inference_geo: unsupported('inference_geo', 'it computes where it stands'),
    diagnostics: unsupported('diagnostics', 'it compares no requests'),
  })
  .superRefine((body, context) => {
    checkPrompt(body, context)
    if (body.output_config?.format == null || (body.stop_sequences ?? []).length === 0) return
    context.addIssue({
      code: 'custom',
      path: ['stop_sequences'],
      message: "'stop_sequences' cannot be combined with 'output_config.format': it could cut the document.",
      params: { code: 'invalid_value' },
    })
  }, onceWhole)
export type MessageRequestBody = z.infer<typeof messageRequestSchema>

export const countTokensRequestSchema = z.strictObject(prompt).superRefine(checkPrompt, onceWhole)
export type CountTokensRequestBody = z.infer<typeof countTokensRequestSchema>

export const countTokensReplySchema = z.strictObject({ input_tokens: z.int() })

export const stopReasons = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'refusal',
  'model_context_window_exceeded',
] as const
export type StopReason = (typeof stopReasons)[number]

const tokenCounts = {
  input_tokens: z.int().describe('Of the prompt, without those in cache_read_input_tokens.'),
  cache_creation_input_tokens: z.int(),
  cache_read_input_tokens: z.int(),
  output_tokens: z.int(),
  output_tokens_details: z.null(),
  server_tool_use: z.null(),
}
const messageUsage = z.strictObject({
  ...tokenCounts,
  cache_creation: z.null(),
  inference_geo: z.null(),
  service_tier: z.literal('standard'),
  speed: z.literal('standard'),
})

const textReply = z.strictObject({ type: z.literal('text'), text: z.string(), citations: z.null() })
const toolUseReply = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal('direct') }),
})
const contentBlock = z.discriminatedUnion('type', [textReply, toolUseReply])
export type MessageBlock = z.infer<typeof contentBlock>

const ending = {
  stop_reason: z.enum(stopReasons).nullable(),
  stop_sequence: z.string().nullable(),
  stop_details: z.null(),
  container: z.null(),
}

export const messageSchema = z.strictObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  model: z.string(),
  content: z.array(contentBlock),
  ...ending,
  diagnostics: z.null(),
  usage: messageUsage,
})
export type Message = z.infer<typeof messageSchema>

export const messageErrorSchema = z.strictObject({
  type: z.literal('error'),
  error: z.strictObject({
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'permission_error',
      'not_found_error',
      'request_too_large',
      'rate_limit_error',
      'timeout_error',
      'overloaded_error',
      'api_error',
    ]),
    message: z.string(),
  }),
  request_id: z.string(),
})
export type MessageError = z.infer<typeof messageErrorSchema>

const blockIndex = { index: z.int().min(0) }

/** Each event's name is its type. */
export const messageEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('message_start'), message: messageSchema }),
  z.strictObject({ type: z.literal('content_block_start'), ...blockIndex, content_block: contentBlock }),
  z.strictObject({
    type: z.literal('content_block_delta'),
    ...blockIndex,
    delta: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('text_delta'), text: z.string() }),
      z.strictObject({ type: z.literal('input_json_delta'), partial_json: z.string() }),
    ]),
  }),
  z.strictObject({ type: z.literal('content_block_stop'), ...blockIndex }),
  z.strictObject({
    type: z.literal('message_delta'),
    delta: z.strictObject(ending),
    usage: z.strictObject(tokenCounts),
  }),
  z.strictObject({ type: z.literal('message_stop') }),
  z.strictObject({ type: z.literal('ping') }),
  messageErrorSchema,
])
export type MessageEvent = z.infer<typeof messageEventSchema>
