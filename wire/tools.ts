import { z } from 'zod'
import { refusedKind } from './fields.ts'
import { limits } from './limits.ts'

/** Functions that a model may call, the calls it makes, and the forms that an answer can be asked for. */

export const functionName = z
  .string()
  .min(1)
  .max(limits.functionNameLength)
  .regex(/^[A-Za-z0-9_-]+$/, { error: 'expected letters, digits, underscores and hyphens' })
const description = z.string().max(limits.descriptionLength).nullish()
export const jsonSchema = z.record(z.string(), z.unknown())

const otherTools = ['custom', 'mcp', 'web_search', 'file_search', 'code_interpreter'] as const

const functionTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: functionName,
    description,
    parameters: jsonSchema.nullish().describe('A JSON Schema of the arguments; without one the function takes none.'),
    strict: z.boolean().nullish().describe('Calls fit the schema whether it is set or not.'),
  }),
})

const otherTool = refusedKind<typeof otherTools, typeof functionTool>(
  'type',
  otherTools,
  (type) => `Tools of type '${type}' are not supported by this version: only functions are.`,
  'only functions are',
)

export const toolSchema = z.discriminatedUnion('type', [functionTool, otherTool], {
  error: "expected the type 'function'",
})

const named = z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: functionName }) })

export const toolChoiceSchema = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    named,
    z.strictObject({
      type: z.literal('allowed_tools'),
      allowed_tools: z.strictObject({
        mode: z.enum(['auto', 'required']),
        tools: z.array(named).min(1).max(limits.tools),
      }),
    }),
    refusedKind<['custom'], typeof named>(
      'type',
      ['custom'],
      () => "A 'tool_choice' of type 'custom' is not supported by this version: only functions are.",
      'only functions are called',
    ),
  ],
  { error: "expected 'none', 'auto', 'required' or a function by its name" },
)

/** A call as replies carry it. */
export const toolCallSchema = z.strictObject({
  id: z.string().min(1).max(limits.identifierLength),
  type: z.literal('function'),
  function: z.strictObject({
    name: functionName,
    arguments: z.string().describe('JSON.'),
  }),
})

/** A call as clients send it back. */
export const sentCallSchema = z.discriminatedUnion(
  'type',
  [
    toolCallSchema,
    refusedKind<['custom'], typeof toolCallSchema>(
      'type',
      ['custom'],
      () => "Calls of type 'custom' are not supported by this version: only functions are.",
      'only functions are called',
    ),
  ],
  { error: "expected the type 'function'" },
)

export const toolCallDeltaSchema = z.object({
  index: z.int(),
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string().optional(), arguments: z.string() }),
})
export type ToolCallDelta = z.infer<typeof toolCallDeltaSchema>

export const responseFormatSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: functionName,
        description,
        schema: jsonSchema.nullish(),
        strict: z.boolean().nullish().describe('Answers fit the schema whether it is set or not.'),
      }),
    }),
  ],
  { error: "expected one of 'text', 'json_object', 'json_schema'" },
)

export const metadataSchema = z
  .record(z.string().max(limits.metadataKeyLength), z.string().max(limits.metadataValueLength))
  .refine((pairs) => Object.keys(pairs).length <= limits.metadataEntries, {
    error: `expected at most ${limits.metadataEntries} pairs`,
  })

interface Forms {
  tools?: readonly z.infer<typeof toolSchema>[] | null
  tool_choice?: z.infer<typeof toolChoiceSchema> | null
  parallel_tool_calls?: boolean | null
  response_format?: z.infer<typeof responseFormatSchema> | null
  stop?: unknown
}

/** What must fit together: a choice and its tools, a form and what could cut it. */
export function checkForms(body: Forms, refuse: (field: string, message: string) => void): void {
  const names = (body.tools ?? []).map((tool) => (tool.type === 'function' ? tool.function.name : ''))
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) refuse('tools', `Two tools have the name '${twice}'.`)
  const choice = body.tool_choice ?? null
  if (choice !== null && choice !== 'none' && names.length === 0)
    refuse('tool_choice', "'tool_choice' is only allowed together with 'tools'.")
  if (typeof body.parallel_tool_calls === 'boolean' && names.length === 0)
    refuse('parallel_tool_calls', "'parallel_tool_calls' is only allowed together with 'tools'.")
  const missing = chosenNames(choice).find((name) => names.length > 0 && !names.includes(name))
  if (missing !== undefined) refuse('tool_choice', `There is no tool '${missing}' among 'tools'.`)
  const stops = typeof body.stop === 'string' || (Array.isArray(body.stop) && body.stop.length > 0)
  const formed = body.response_format != null && body.response_format.type !== 'text'
  if (stops && formed)
    refuse('stop', "'stop' cannot be combined with a JSON 'response_format': it could cut the document.")
}

/** The functions that a choice names. */
export function chosenNames(choice: z.infer<typeof toolChoiceSchema> | null): string[] {
  if (choice === null || typeof choice === 'string') return []
  if (choice.type === 'function') return [choice.function.name]
  return choice.allowed_tools.tools.map((tool) => tool.function.name)
}
