import { z } from 'zod'
import { limits } from './limits.ts'

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

export const groups = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier', 'line_item'] as const

/** Lists are named with brackets behind or without, once for all or once for each. */
export const usageQuerySchema = z.preprocess(
  (query) =>
    typeof query === 'object' && query !== null
      ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name.replace(/\[\]$/, ''), value]))
      : query,
  z.strictObject({
    start_time: seconds,
    end_time: seconds.optional(),
    bucket_width: z.enum(['1m', '1h', '1d']).optional(),
    project_ids: listed.optional(),
    user_ids: listed.optional(),
    api_key_ids: listed.optional(),
    models: listed.optional(),
    batch: z.enum(['true', 'false']).optional(),
    group_by: listed.pipe(z.array(z.enum(groups))).optional(),
    limit: count.optional(),
    page: z.string().max(32).optional(),
    format: z.enum(['json', 'csv']).optional().describe('Extension: csv for spreadsheets.'),
  }),
)
export type UsageQuery = z.infer<typeof usageQuerySchema>

const named = z.string().nullable()
export const usageResultSchema = z.object({
  object: z.string(),
  input_tokens: z.number(),
  output_tokens: z.number().optional(),
  input_cached_tokens: z.number().optional(),
  input_audio_tokens: z.number().optional(),
  output_audio_tokens: z.number().optional(),
  num_model_requests: z.number(),
  project_id: named,
  user_id: named,
  api_key_id: named,
  model: named,
  batch: z.boolean().nullable().optional(),
  service_tier: named.optional(),
})
export type UsageResult = z.infer<typeof usageResultSchema>

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
      z.object({ object: z.literal('bucket'), start_time: z.number(), end_time: z.number(), results: z.array(result) }),
    ),
    has_more: z.boolean(),
    next_page: z.string().nullable(),
  })
