import { z } from 'zod'
import { limits } from './limits.ts'

/** `/v1/organization/audit_logs`, in OpenAI's shape. */

const seconds = z
  .string()
  .regex(/^\d{1,11}$/, { error: 'expected seconds since 1970' })
  .transform(Number)
const name = z.string().max(limits.identifierLength)

export const auditQuerySchema = z.preprocess(
  (query) =>
    typeof query === 'object' && query !== null
      ? Object.fromEntries(Object.entries(query).map(([key, value]) => [key.replace(/\[\]$/, ''), value]))
      : query,
  z.strictObject({
    limit: z
      .string()
      .regex(/^\d{1,3}$/, { error: 'expected a number' })
      .transform(Number)
      .pipe(z.int().min(1).max(100))
      .optional(),
    after: name.optional().describe('next_page of the page before.'),
    'effective_at[gte]': seconds.optional(),
    'effective_at[lt]': seconds.optional(),
    actor_ids: name.optional(),
    event_types: name.optional(),
    format: z.enum(['json', 'csv']).optional().describe('Extension: csv for spreadsheets.'),
  }),
)

export const auditPageSchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.looseObject({
      id: z.string(),
      type: z.string(),
      effective_at: z.number(),
      actor: z.looseObject({ type: z.string() }),
    }),
  ),
  first_id: z.string().nullable(),
  last_id: z.string().nullable(),
  has_more: z.boolean(),
  next_page: z.string().nullable().describe('Extension of Dotline: where the next page begins.'),
})
