import { z } from 'zod'
import { cacheRetention, dotlineSchema, generation, identifiers, only, truncation, unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { identifier } from './lists.ts'
import { onceWhole } from './once-whole.ts'
import { inputItemSchema, outputItemSchema } from './response-items.ts'
import {
  chosenFunctions,
  formatSchema,
  shownChoice,
  shownFormat,
  shownTool,
  toolChoiceSchema,
  toolSchema,
} from './response-tools.ts'
import { metadataSchema } from './tools.ts'

/** `/v1/responses`: the request, the response, and what is asked of one that is kept. */

const isMedium = (value: unknown): value is 'medium' => value === 'medium'
const ordinaryTier = (value: unknown): value is string => value === 'auto' || value === 'default'
const noThought = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([key, one]) => one === null || (key === 'effort' && one === 'none'))

const logprobsOnly = z
  .array(z.string())
  .max(limits.tools)
  .superRefine((values, context) => {
    for (const [at, value] of values.entries()) {
      if (value === 'message.output_text.logprobs') continue
      context.addIssue({
        code: 'custom',
        path: [at],
        message: `'${value.slice(0, 80)}' cannot be included by this version: only 'message.output_text.logprobs' can.`,
        params: { code: 'unsupported_value' },
      })
    }
  }, onceWhole)

/** What decides the prompt: what is asked, and what it is asked with. */
const promptFields = {
  model: generation.model,
  input: z.union([z.string(), z.array(inputItemSchema).min(1).max(limits.messages)], {
    error: 'expected a string or an array of items',
  }),
  instructions: z
    .string()
    .nullish()
    .describe('Stands before everything else; not taken over from the response before.'),
  previous_response_id: identifier.nullish().describe('The response that this one continues.'),
  conversation: z
    .union([identifier, z.strictObject({ id: identifier })], { error: 'expected a conversation’s id' })
    .nullish()
    .describe('Its items stand before the input; input and output are added to it.'),
  tools: z.array(toolSchema).max(limits.tools).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: z
    .boolean()
    .nullish()
    .describe('Whether an answer may hold more than one call. On unless false.'),
  text: z
    .strictObject({ format: formatSchema.nullish(), verbosity: only('text.verbosity', isMedium, "'medium'") })
    .nullish(),
  reasoning: only('reasoning', noThought, "{ effort: 'none' }"),
  truncation,
}

interface Fitting {
  tools?: readonly { type: string }[] | null
  tool_choice?: z.infer<typeof toolChoiceSchema> | null
  parallel_tool_calls?: boolean | null
  previous_response_id?: string | null
  conversation?: unknown
}

/** What must fit together: a choice and its tools, and one history alone. */
function checkPrompt(body: Fitting, refuse: (field: string, message: string) => void): void {
  const names = (body.tools ?? []).map((tool) => ('name' in tool ? String(tool.name) : ''))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) refuse('tools', `Two tools have the name '${twice}'.`)
  const choice = body.tool_choice ?? null
  if (choice !== null && typeof choice !== 'string' && names.length === 0)
    refuse('tool_choice', "'tool_choice' names a function, but there are no 'tools'.")
  if (choice === 'required' && names.length === 0)
    refuse('tool_choice', "'tool_choice' asks for a call, but there are no 'tools'.")
  const missing = chosenFunctions(choice).find((name) => names.length > 0 && !names.includes(name))
  if (missing !== undefined) refuse('tool_choice', `There is no tool '${missing}' among 'tools'.`)
  if (body.previous_response_id != null && body.conversation != null)
    refuse('previous_response_id', "Give 'previous_response_id' or 'conversation', not both.")
}

const refuser = (context: z.RefinementCtx) => (field: string, message: string) =>
  context.addIssue({ code: 'custom', path: [field], message, params: { code: 'invalid_value' } })

export const responseRequestSchema = z
  .strictObject({
    ...promptFields,
    stream: z.boolean().nullish(),
    stream_options: z
      .strictObject({
        include_obfuscation: z
          .boolean()
          .nullish()
          .describe('Pads each delta so that its size says little about its text. On unless set to false.'),
      })
      .nullish(),
    store: z.boolean().nullish().describe('Whether the response is kept, for thirty days. It is unless set to false.'),
    background: z
      .boolean()
      .nullish()
      .describe('Goes on when the client leaves; its state is asked for, its stream read on, or it is cancelled.'),
    include: logprobsOnly.nullish(),
    top_logprobs: z.int().min(0).max(limits.topLogprobs).nullish(),
    max_output_tokens: z.int().min(1).max(limits.maxTokens).nullish(),
    temperature: generation.temperature,
    top_p: generation.top_p,
    top_k: generation.top_k,
    min_p: generation.min_p,
    repetition_penalty: generation.repetition_penalty,
    seed: generation.seed.describe('Extension: the same request with the same seed gives the same answer.'),
    metadata: metadataSchema.nullish(),
    ...identifiers,
    service_tier: only('service_tier', ordinaryTier, "'auto' or 'default'"),
    prompt_cache_retention: cacheRetention,
    max_tool_calls: unsupported('max_tool_calls', 'the tools that it counts are not here'),
    prompt: unsupported('prompt', 'it keeps no prompt templates'),
    moderation: unsupported('moderation', 'it has no moderation model'),
    context_management: unsupported('context_management', "use 'truncation'"),
    prompt_cache_options: unsupported('prompt_cache_options', 'prompts are cached without being told'),
    access_programs: unsupported('access_programs', 'it has none'),
    image: unsupported('image', 'it draws no pictures here'),
  })
  .superRefine((body, context) => {
    const refuse = refuser(context)
    checkPrompt(body, refuse)
    if (body.stream_options != null && body.stream !== true)
      refuse('stream_options', "'stream_options' is only allowed together with 'stream': true.")
    if (body.background === true && body.store === false)
      refuse('background', "'background' needs a response that is kept: leave out 'store': false.")
    if (typeof body.top_logprobs === 'number' && body.top_logprobs > 0 && !wantsLogprobs(body))
      refuse('top_logprobs', "'top_logprobs' needs 'include': ['message.output_text.logprobs'].")
  }, onceWhole)
export type ResponseRequestBody = z.infer<typeof responseRequestSchema>

export const wantsLogprobs = (body: { include?: readonly string[] | null }): boolean =>
  body.include?.includes('message.output_text.logprobs') ?? false

export const inputTokensRequestSchema = z
  .strictObject({ ...promptFields, personality: unsupported('personality', 'its models have one alone') })
  .superRefine((body, context) => checkPrompt(body, refuser(context)), onceWhole)
export type PromptBody = z.infer<typeof inputTokensRequestSchema>

export const inputTokensReplySchema = z.object({ object: z.literal('response.input_tokens'), input_tokens: z.int() })

export const responseStatuses = ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'] as const
export type ResponseStatus = (typeof responseStatuses)[number]

/** Codes that OpenAI's clients know of a response that failed. */
export const responseErrorCodes = ['server_error', 'rate_limit_exceeded', 'invalid_prompt'] as const

export const responseUsageSchema = z.strictObject({
  input_tokens: z.int(),
  input_tokens_details: z.strictObject({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})

export const responseSchema = z.strictObject({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: z.enum(responseStatuses),
  background: z.boolean(),
  error: z
    .strictObject({
      code: z.enum(responseErrorCodes),
      message: z.string(),
      param: z.string().nullable(),
      type: z.string(),
    })
    .nullable(),
  incomplete_details: z.strictObject({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.null(),
  model: z.string(),
  output: z.array(outputItemSchema),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.string().nullable(),
  conversation: z.strictObject({ id: z.string() }).nullable(),
  prompt_cache_key: z.string().nullable(),
  reasoning: z.strictObject({ effort: z.null(), summary: z.null() }),
  safety_identifier: z.string().nullable(),
  service_tier: z.literal('default'),
  store: z.boolean(),
  temperature: z.number().nullable(),
  text: z.strictObject({ format: shownFormat, verbosity: z.literal('medium') }),
  tool_choice: shownChoice,
  tools: z.array(shownTool),
  top_logprobs: z.int(),
  top_p: z.number().nullable(),
  truncation: z.enum(['auto', 'disabled']),
  usage: responseUsageSchema.nullable(),
  user: z.string().nullable(),
  metadata: metadataSchema,
  access_programs: z.null(),
  dotline: dotlineSchema.nullable().describe('Extension of Dotline; null until the model has begun.'),
})
export type ResponseBody = z.infer<typeof responseSchema>
export type ResponseUsage = z.infer<typeof responseUsageSchema>

export const responseDeletedSchema = z.object({
  id: z.string(),
  object: z.literal('response'),
  deleted: z.literal(true),
})
