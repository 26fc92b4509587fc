import { z } from 'zod'
import { limits } from './limits.ts'
import { unbracketed } from './lists.ts'

/** `/v1/organization/usage/*` and `/v1/organization/costs`, in OpenAI's shapes. Times in seconds since 1970. */

export const widths = { '1m': 60, '1h': 3600, '1d': 86_400 } as const
/** Buckets of one page: what it holds where nothing else is asked for, and at most. */
export const pages = { '1m': [60, 1440], '1h': [24, 168], '1d': [7, 180] } as const

const seconds = z
  .string()
  .regex(/^\d{1,11}$/, { error: 'expected seconds since 1970' })
  .transform(Number)
const listed = z
  .union([z.string().max(limits.identifierLength), z.array(z.string().max(limits.identifierLength)).max(100)])
  .transform((given) => (typeof given === 'string' ? given.split(',') : given))
const count = z
  .string()
  .regex(/^\d{1,4}$/, { error: 'expected a number' })
  .transform(Number)
  .pipe(z.int().min(1).max(1440))

const groups = ['project_id', 'user_id', 'api_key_id', 'model'] as const
const asked = {
  start_time: seconds,
  end_time: seconds.optional(),
  bucket_width: z.enum(['1m', '1h', '1d']).optional(),
  project_ids: listed.optional(),
  user_ids: listed.optional(),
  api_key_ids: listed.optional(),
  models: listed.optional(),
  limit: count.optional(),
  page: z.string().max(32).optional(),
  format: z.enum(['json', 'csv']).optional().describe('Extension: csv for spreadsheets.'),
}
const grouped = <const G extends readonly [string, ...string[]]>(names: G) =>
  listed.pipe(z.array(z.enum(names))).optional()
/** A list stands once with commas, or once for each. */
const query = <S extends z.core.$ZodLooseShape>(more: S) =>
  z.preprocess(unbracketed, z.strictObject({ ...asked, ...more }))

export const completionsUsageQuerySchema = query({
  group_by: grouped([...groups, 'batch', 'service_tier']),
  batch: z.enum(['true', 'false']).optional().describe('Those of batches alone, or all others.'),
})
export const embeddingsUsageQuerySchema = query({ group_by: grouped(groups) })
export const costsQuerySchema = query({ group_by: grouped(['project_id', 'line_item', 'api_key_id']) })
export type UsageQuery = z.infer<
  typeof embeddingsUsageQuerySchema | typeof completionsUsageQuerySchema | typeof costsQuerySchema
>

const named = z.string().nullable()
const used = {
  input_tokens: z.int(),
  num_model_requests: z.int(),
  project_id: named,
  user_id: named,
  api_key_id: named,
  model: named,
}
export const completionsUsageSchema = z.object({
  object: z.literal('organization.usage.completions.result'),
  ...used,
  output_tokens: z.int(),
  input_cached_tokens: z.int(),
  input_audio_tokens: z.int(),
  output_audio_tokens: z.int(),
  batch: z.boolean().nullable(),
  service_tier: named,
})
export type CompletionsUsage = z.infer<typeof completionsUsageSchema>
export const embeddingsUsageSchema = z.object({ object: z.literal('organization.usage.embeddings.result'), ...used })
export type EmbeddingsUsage = z.infer<typeof embeddingsUsageSchema>

export const costResultSchema = z.object({
  object: z.literal('organization.costs.result'),
  amount: z.object({ value: z.number(), currency: z.string() }),
  line_item: named,
  project_id: named,
  api_key_id: named,
})
export type CostResult = z.infer<typeof costResultSchema>

export const pageOf = <T extends z.ZodType>(result: T) =>
  z.object({
    object: z.literal('page'),
    data: z.array(
      z.object({ object: z.literal('bucket'), start_time: z.int(), end_time: z.int(), results: z.array(result) }),
    ),
    has_more: z.boolean(),
    next_page: z.string().nullable(),
  })
