import { z } from 'zod'
import { only, unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'

/** What a conversation is made of in Anthropic's dialect: content blocks, turns and tools. */

const emptyList = (value: unknown): value is [] => Array.isArray(value) && value.length === 0
const notTrue = (value: unknown): value is false => value === false
const isCustom = (value: unknown): value is 'custom' => value === 'custom'
const isDirect = (value: unknown): value is ['direct'] =>
  Array.isArray(value) && value.length === 1 && value[0] === 'direct'

export const cacheHint = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).nullish() })
  .nullish()
  .describe('Accepted and not used: prompts that begin alike are computed once in any case.')

const toolName = z
  .string()
  .min(1)
  .max(limits.functionNameLength)
  .regex(/^[A-Za-z0-9_-]+$/, { error: 'expected letters, digits, underscores and hyphens' })
const useId = z.string().min(1).max(limits.identifierLength)

const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
  cache_control: cacheHint,
  citations: only('citations', emptyList, 'an empty list'),
})

const toolUseBlock = z.strictObject({
  type: z.literal('tool_use'),
  id: useId,
  name: toolName,
  input: z.record(z.string(), z.unknown()),
  cache_control: cacheHint,
  caller: z.strictObject({ type: z.literal('direct') }).nullish(),
})

/** Blocks that Anthropic knows and this version's models, which read text alone, do not. */
const otherBlock = z
  .looseObject({
    type: z.enum(['image', 'document', 'search_result', 'thinking', 'redacted_thinking', 'container_upload']),
  })
  .superRefine((block, context) => {
    context.addIssue({
      code: 'custom',
      message: `Content blocks of type '${block.type}' are not supported by this version: its models read text alone.`,
      params: { code: 'unsupported_value' },
    })
  }, onceWhole)
  .meta({ description: 'Not supported by this version.' })

const blocks = <const T extends [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  known: T,
  error: string,
) => z.array(z.discriminatedUnion('type', [...known, otherBlock], { error })).max(limits.contentParts)

const textBlocks = blocks([textBlock], "expected the type 'text'")
const textOr = <T extends z.ZodType>(list: T) =>
  z.union([z.string(), list], { error: 'expected a string or an array of content blocks' })

const toolResultBlock = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: useId,
  content: textOr(textBlocks).nullish(),
  is_error: z.boolean().nullish().describe("The model reads an error's content after the word 'Error'."),
  cache_control: cacheHint,
})

export const systemSchema = textOr(textBlocks)

export const messageTurnSchema = z.discriminatedUnion(
  'role',
  [
    z.strictObject({
      role: z.literal('user'),
      content: textOr(blocks([textBlock, toolResultBlock], "expected the type 'text' or 'tool_result'")),
    }),
    z.strictObject({
      role: z.literal('assistant'),
      content: textOr(blocks([textBlock, toolUseBlock], "expected the type 'text' or 'tool_use'")),
    }),
    z.strictObject({ role: z.literal('system'), content: systemSchema }),
  ],
  { error: "expected one of 'user', 'assistant', 'system'" },
)
export type MessageTurnBody = z.infer<typeof messageTurnSchema>

export const messageToolSchema = z.strictObject({
  type: only('type', isCustom, "'custom', a tool that the client runs,"),
  name: toolName,
  description: z.string().max(limits.descriptionLength).nullish(),
  input_schema: z.looseObject({ type: z.literal('object') }).describe('A JSON Schema of the input.'),
  strict: z.boolean().nullish().describe('Inputs fit the schema whether it is set or not.'),
  cache_control: cacheHint,
  eager_input_streaming: z.boolean().nullish().describe('Inputs are always streamed as they are written.'),
  input_examples: unsupported('input_examples', 'put them into the description'),
  defer_loading: only('defer_loading', notTrue, 'false'),
  allowed_callers: only('allowed_callers', isDirect, "['direct']"),
})

const serial = z.boolean().nullish().describe('At most one tool is used in an answer.')

export const messageToolChoiceSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use: serial }),
    z.strictObject({ type: z.literal('any'), disable_parallel_tool_use: serial }),
    z.strictObject({ type: z.literal('tool'), name: toolName, disable_parallel_tool_use: serial }),
    z.strictObject({ type: z.literal('none') }),
  ],
  { error: "expected one of the types 'auto', 'any', 'tool', 'none'" },
)

const shown = (id: string) => (id.length > 80 ? `${id.slice(0, 80)}…` : id)

type Refuse = (path: (string | number)[], message: string, code?: 'invalid_value' | 'unsupported_value') => void

/** Each use of a tool has its result in the turn after it, and no result is without its use. */
export function checkTurns(turns: readonly MessageTurnBody[], refuse: Refuse): void {
  let open = new Set<string>()
  for (const [at, { role, content }] of turns.entries()) {
    const path = ['messages', at, 'content']
    if (role === 'assistant' && at > 0 && turns[at - 1].role !== 'assistant') open = answered(open, path, refuse)
    if (typeof content === 'string') {
      if (role === 'user') open = answered(open, path, refuse)
      continue
    }
    for (const [number, block] of content.entries()) {
      if (block.type === 'tool_use') open.add(block.id)
      else if (block.type === 'tool_result') {
        if (!open.delete(block.tool_use_id))
          refuse(
            [...path, number, 'tool_use_id'],
            `No 'tool_use' of the assistant's turn before has the id '${shown(block.tool_use_id)}'.`,
          )
      } else if (role === 'user') open = answered(open, [...path, number], refuse)
    }
  }
  if (turns.at(-1)?.role === 'assistant')
    refuse(
      ['messages'],
      "The last of 'messages' must not be the assistant's: this version does not go on with a turn that was begun.",
      'unsupported_value',
    )
  else answered(open, ['messages'], refuse)
}

function answered(open: Set<string>, path: (string | number)[], refuse: Refuse): Set<string> {
  const [id] = open
  if (id !== undefined)
    refuse(
      path,
      `The 'tool_use' with the id '${shown(id)}' needs its 'tool_result' first, in the user's turn after it.`,
    )
  return new Set()
}
