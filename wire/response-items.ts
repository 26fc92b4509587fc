import { z } from 'zod'
import { only, refusedKind, unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { functionName } from './tools.ts'

/** Items of `/v1/responses` and `/v1/conversations`: what clients send, and what is kept and replied. */

export const itemStatuses = ['in_progress', 'completed', 'incomplete'] as const
const status = z.enum(itemStatuses)
const id = z.string().min(1).max(limits.identifierLength)
const callId = id
const emptyList = (value: unknown): value is [] => Array.isArray(value) && value.length === 0

/** What OpenAI knows and this version does not: refused by its type, at its place. */
const other = <const T extends readonly [string, ...string[]], N>(kinds: T, what: string, remedy: string) =>
  refusedKind<T, N>(
    'type',
    kinds,
    (type) => `${what} of type '${type}' are not supported by this version: ${remedy}.`,
    remedy,
  )

const inputText = z.strictObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: unsupported('prompt_cache_breakpoint', 'prompts are cached without being told'),
})

const imageDetail = z.enum(['auto', 'low', 'high', 'original'])
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().min(1).describe('The picture itself as a `data:` URL, or where it lies.'),
  detail: imageDetail.nullish(),
  file_id: unsupported('file_id', "send the picture itself as 'image_url'"),
  prompt_cache_breakpoint: unsupported('prompt_cache_breakpoint', 'prompts are cached without being told'),
})

const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: only('annotations', emptyList, 'an empty list'),
  logprobs: z.array(z.unknown()).nullish().describe('As replies carry it; the model is not shown it.'),
})

const refusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })
const otherPart = other<readonly ['input_file', 'input_audio', 'computer_screenshot'], typeof inputText>(
  ['input_file', 'input_audio', 'computer_screenshot'],
  'Content parts',
  'its models read text and pictures',
)

const answeredPicture = other<readonly ['input_image'], typeof inputText>(
  ['input_image'],
  'Content parts of answers',
  'its models answer with text',
)

const listOf = <T extends z.ZodType>(part: T) => z.array(part).min(1).max(limits.contentParts)
const told = z.union([z.string(), listOf(z.discriminatedUnion('type', [inputText, inputImage, otherPart]))], {
  error: 'expected a string or an array of content parts',
})
const answered = z.union(
  [z.string(), listOf(z.discriminatedUnion('type', [outputText, refusal, inputText, answeredPicture, otherPart]))],
  { error: 'expected a string or an array of content parts' },
)

const message = <R extends string, C extends z.ZodType>(role: R, content: C) =>
  z.strictObject({
    type: z.literal('message').optional(),
    role: z.literal(role),
    content,
    id: id.nullish(),
    status: status.nullish(),
    phase: unsupported('phase', 'its models know no phases of an answer'),
  })

const messages = z.discriminatedUnion(
  'role',
  [message('user', told), message('system', told), message('developer', told), message('assistant', answered)],
  { error: "expected one of 'user', 'system', 'developer', 'assistant'" },
)

const notFromHere = {
  caller: unsupported('caller', 'functions are called by the model alone'),
  namespace: unsupported('namespace', 'functions have plain names'),
}

const functionCall = z.strictObject({
  type: z.literal('function_call'),
  id: id.nullish(),
  call_id: callId,
  name: functionName,
  arguments: z.string().describe('JSON.'),
  status: status.nullish(),
  async: unsupported('async', 'calls are waited for'),
  ...notFromHere,
})

const otherOutput = other<readonly ['input_image', 'input_file'], typeof inputText>(
  ['input_image', 'input_file'],
  'Outputs',
  'send the output as text',
)

const functionCallOutput = z.strictObject({
  type: z.literal('function_call_output'),
  id: id.nullish(),
  call_id: callId,
  output: z.union([z.string(), listOf(z.discriminatedUnion('type', [inputText, otherOutput]))], {
    error: 'expected a string or an array of text parts',
  }),
  status: status.nullish(),
  name: unsupported('name', "'call_id' says which call it answers"),
  ...notFromHere,
})

const reasoning = z
  .strictObject({
    type: z.literal('reasoning'),
    id: id.nullish(),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })).max(limits.contentParts),
    content: z
      .array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() }))
      .max(limits.contentParts)
      .nullish(),
    encrypted_content: unsupported('encrypted_content', 'thoughts are not encrypted here'),
    status: status.nullish(),
  })
  .describe('What a model thought before an earlier answer: kept, and not shown to the model again.')

const otherItems = [
  'item_reference',
  'file_search_call',
  'web_search_call',
  'computer_call',
  'computer_call_output',
  'image_generation_call',
  'code_interpreter_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'custom_tool_call',
  'custom_tool_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'compaction',
  'compaction_trigger',
  'program',
  'program_output',
] as const
const otherItem = other<typeof otherItems, typeof reasoning>(
  otherItems,
  'Items',
  'send messages, function calls and their outputs',
)

/** An item of a request: a message need not say that it is one. */
export const inputItemSchema = z.discriminatedUnion(
  'type',
  [messages, functionCall, functionCallOutput, reasoning, otherItem],
  { error: "expected one of 'message', 'function_call', 'function_call_output', 'reasoning'" },
)
export type InputItem = z.infer<typeof inputItemSchema>

const alternative = z.strictObject({ token: z.string(), logprob: z.number(), bytes: z.array(z.int()) })
export const textLogprobSchema = alternative.extend({ top_logprobs: z.array(alternative) })
export type TextLogprob = z.infer<typeof textLogprobSchema>

export const outputTextSchema = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: z.array(textLogprobSchema),
})
export const refusalPartSchema = refusal
export const reasoningTextSchema = z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })

export const outputMessageSchema = z.strictObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.literal('assistant'),
  status,
  content: z.array(z.discriminatedUnion('type', [outputTextSchema, refusalPartSchema])),
})
export const functionCallItemSchema = z.strictObject({
  id: z.string(),
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
  status,
})
export const reasoningItemSchema = z.strictObject({
  id: z.string(),
  type: z.literal('reasoning'),
  summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(reasoningTextSchema),
  status,
})

/** What a model answers with. */
export const outputItemSchema = z.discriminatedUnion('type', [
  outputMessageSchema,
  functionCallItemSchema,
  reasoningItemSchema,
])
export type OutputItem = z.infer<typeof outputItemSchema>
export type OutputMessage = z.infer<typeof outputMessageSchema>

const shownPart = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({ type: z.literal('input_image'), image_url: z.string(), detail: imageDetail }),
])
export const inputMessageSchema = z.strictObject({
  id: z.string(),
  type: z.literal('message'),
  role: z.enum(['user', 'system', 'developer']),
  status,
  content: z.array(shownPart),
})
export const functionOutputItemSchema = z.strictObject({
  id: z.string(),
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.union([z.string(), z.array(z.strictObject({ type: z.literal('input_text'), text: z.string() }))]),
  status,
})

/** Any item as it is kept and listed: each has an id and a status. */
export const itemSchema = z.discriminatedUnion('type', [
  z.discriminatedUnion('role', [inputMessageSchema, outputMessageSchema]),
  functionCallItemSchema,
  functionOutputItemSchema,
  reasoningItemSchema,
])
export type Item = z.infer<typeof itemSchema>
