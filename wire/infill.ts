import { z } from 'zod'
import { limits } from './limits.ts'

/** `POST /infill`, the form of llama.cpp's server in which editors' plug-ins ask for what stands at the cursor. */

const hint = (schema: z.ZodType, what: string) => schema.nullish().describe(`${what} Accepted and not used: a hint.`)
const text = z.string().max(limits.bodyBytes)
const number = (min: number, max: number) => z.number().min(min).max(max)

export const infillRequestSchema = z.strictObject({
  model: z
    .string()
    .min(1)
    .max(limits.modelIdLength)
    .nullish()
    .describe('Extension: which model; the first by default.'),
  input_prefix: text.describe('What stands before the cursor.'),
  input_suffix: text.describe('What stands behind the cursor.'),
  input_extra: z
    .array(
      z.strictObject({ filename: z.string().max(4096).nullish(), text, time: hint(z.unknown(), 'When it was taken.') }),
    )
    .max(limits.contentParts)
    .nullish()
    .describe('Pieces of other files, put before the prefix as far as there is room.'),
  prompt: text.nullish().describe('More of the prefix: what the answer goes on from.'),
  n_predict: z.int().min(-1).max(limits.maxTokens).nullish().describe('-1: as far as the window reaches.'),
  temperature: number(0, limits.temperature).nullish(),
  top_k: z.int().min(0).max(limits.topK).nullish(),
  top_p: number(0, 1).nullish(),
  min_p: number(0, 1).nullish(),
  repeat_penalty: number(limits.repetitionPenaltyMin, limits.repetitionPenaltyMax).nullish(),
  presence_penalty: number(-limits.penalty, limits.penalty).nullish(),
  frequency_penalty: number(-limits.penalty, limits.penalty).nullish(),
  seed: z.int().nullish().describe('-1: another one each time.'),
  stop: z.array(z.string().min(1).max(limits.stopLength)).max(limits.stopStrings).nullish(),
  stream: z.boolean().nullish(),
  t_max_predict_ms: z
    .int()
    .min(0)
    .nullish()
    .describe('Ends the answer this long after its first token, once it holds a line break. 0: no limit.'),
  response_fields: z
    .array(z.string().max(limits.nameLength))
    .max(64)
    .nullish()
    .describe('Only these of the reply: `content`, or `timings/prompt_n` for what is inside.'),
  n_indent: hint(z.int(), 'Least indentation.'),
  cache_prompt: hint(z.boolean(), 'Prompts are kept where there is room.'),
  id_slot: hint(z.int(), 'Slots are given out by the server.'),
  t_max_prompt_ms: hint(z.int(), 'Longest time for the prompt.'),
  samplers: hint(z.array(z.string().max(limits.nameLength)).max(64), 'The order of samplers is fixed.'),
})
export type InfillRequestBody = z.infer<typeof infillRequestSchema>

export const infillReplySchema = z.object({
  index: z.literal(0),
  content: z.string(),
  stop: z.literal(true),
  model: z.string(),
  tokens_predicted: z.int(),
  tokens_evaluated: z.int(),
  tokens_cached: z.int(),
  truncated: z.boolean(),
  stop_type: z.enum(['eos', 'limit']),
  has_new_line: z.boolean(),
  timings: z.object({
    prompt_n: z.int(),
    prompt_ms: z.number(),
    prompt_per_token_ms: z.number(),
    prompt_per_second: z.number(),
    predicted_n: z.int(),
    predicted_ms: z.number(),
    predicted_per_token_ms: z.number(),
    predicted_per_second: z.number(),
  }),
})
export type InfillReply = z.infer<typeof infillReplySchema>

export const infillChunkSchema = z.object({ index: z.literal(0), content: z.string(), stop: z.literal(false) })
