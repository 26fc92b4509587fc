import { z } from 'zod'
import {
  outputItemSchema,
  outputTextSchema,
  reasoningTextSchema,
  refusalPartSchema,
  textLogprobSchema,
} from './response-items.ts'
import { responseSchema } from './responses.ts'

/** The events of a streamed response, in their order by `sequence_number`. The name of each is its `type`. */

const event = <T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), sequence_number: z.int().min(0), ...shape })

const whole = { response: responseSchema }
const atItem = { output_index: z.int().min(0) }
const inItem = { ...atItem, item_id: z.string() }
const inPart = { ...inItem, content_index: z.int().min(0) }
const obfuscation = { obfuscation: z.string().optional() }
const part = z.discriminatedUnion('type', [outputTextSchema, refusalPartSchema, reasoningTextSchema])

export const responseEventSchema = z.discriminatedUnion('type', [
  event('response.created', whole),
  event('response.queued', whole),
  event('response.in_progress', whole),
  event('response.completed', whole),
  event('response.incomplete', whole),
  event('response.failed', whole),
  event('response.output_item.added', { ...atItem, item: outputItemSchema }),
  event('response.output_item.done', { ...atItem, item: outputItemSchema }),
  event('response.content_part.added', { ...inPart, part }),
  event('response.content_part.done', { ...inPart, part }),
  event('response.output_text.delta', {
    ...inPart,
    delta: z.string(),
    logprobs: z.array(textLogprobSchema),
    ...obfuscation,
  }),
  event('response.output_text.done', { ...inPart, text: z.string(), logprobs: z.array(textLogprobSchema) }),
  event('response.refusal.delta', { ...inPart, delta: z.string(), ...obfuscation }),
  event('response.refusal.done', { ...inPart, refusal: z.string() }),
  event('response.reasoning_text.delta', { ...inPart, delta: z.string(), ...obfuscation }),
  event('response.reasoning_text.done', { ...inPart, text: z.string() }),
  event('response.function_call_arguments.delta', { ...inItem, delta: z.string(), ...obfuscation }),
  event('response.function_call_arguments.done', { ...inItem, name: z.string(), arguments: z.string() }),
  event('error', { code: z.string().nullable(), message: z.string(), param: z.string().nullable() }),
])
export type ResponseEvent = z.infer<typeof responseEventSchema>
