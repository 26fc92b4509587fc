import { z } from 'zod'
import { refusedKind, unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { functionName, jsonSchema } from './tools.ts'

/** Functions and forms of answers as `/v1/responses` names them: flat, where a chat completion nests them. */

const description = z.string().max(limits.descriptionLength).nullish()

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: functionName,
  description,
  parameters: jsonSchema.nullish().describe('A JSON Schema of the arguments; without one the function takes none.'),
  strict: z.boolean().nullish().describe('Calls fit the schema whether it is set or not.'),
  async: unsupported('async', 'calls are waited for'),
  allowed_callers: unsupported('allowed_callers', 'functions are called by the model alone'),
  defer_loading: unsupported('defer_loading', 'the model is shown all functions'),
  output_schema: unsupported('output_schema', 'outputs are held to no schema'),
})

const otherTools = [
  'file_search',
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'computer',
  'computer_use_preview',
  'code_interpreter',
  'image_generation',
  'local_shell',
  'shell',
  'apply_patch',
  'mcp',
  'custom',
  'namespace',
  'tool_search',
  'programmatic_tool_calling',
] as const

const otherChoices = [...otherTools, 'computer_use'] as const

const otherTool = refusedKind<typeof otherTools, typeof functionTool>(
  'type',
  otherTools,
  (type) => `Tools of type '${type}' are not supported by this version: only functions are.`,
  'only functions are',
)

export const toolSchema = z.discriminatedUnion('type', [functionTool, otherTool], {
  error: "expected the type 'function'",
})

const named = z.strictObject({ type: z.literal('function'), name: functionName })
export const shownChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    named,
    z.strictObject({
      type: z.literal('allowed_tools'),
      mode: z.enum(['auto', 'required']),
      tools: z.array(named).min(1).max(limits.tools),
    }),
  ],
  { error: "expected 'none', 'auto', 'required' or a function by its name" },
)
export const toolChoiceSchema = z.union(
  [
    ...shownChoice.options,
    refusedKind<typeof otherChoices, typeof named>(
      'type',
      otherChoices,
      (kind) => `A 'tool_choice' of type '${kind}' is not supported by this version: only functions are.`,
      'only functions are called',
    ),
  ],
  { error: "expected 'none', 'auto', 'required' or a function by its name" },
)

export const formatSchema = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      name: functionName,
      description,
      schema: jsonSchema,
      strict: z.boolean().nullish().describe('Answers fit the schema whether it is set or not.'),
    }),
  ],
  { error: "expected one of 'text', 'json_object', 'json_schema'" },
)

/** The functions that a choice names. */
export function chosenFunctions(choice: z.infer<typeof toolChoiceSchema> | null): string[] {
  if (choice === null || typeof choice === 'string') return []
  return choice.type === 'function' ? [choice.name] : choice.tools.map((tool) => tool.name)
}

export const shownTool = z.strictObject({
  type: z.literal('function'),
  name: z.string(),
  description: z.string().nullable(),
  parameters: jsonSchema.nullable(),
  strict: z.boolean(),
})
export const shownFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z.string(),
    description: z.string().nullable(),
    schema: jsonSchema,
    strict: z.boolean(),
  }),
])
