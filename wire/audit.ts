import { z } from 'zod'
import { unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { identifier, listReply, queryNumber, unbracketed } from './lists.ts'

/** `/v1/organization/audit_logs`, in OpenAI's shape. */

const seconds = z
  .string()
  .regex(/^\d{1,11}$/, { error: 'expected seconds since 1970' })
  .transform(Number)
/** `audit_log-7`, as entries name themselves. */
const entry = z
  .string()
  .regex(/^audit_log-\d{1,15}$/, { error: 'expected the id of an entry' })
  .transform((id) => Number(id.slice('audit_log-'.length)))
const names = z
  .union([identifier, z.array(identifier).max(limits.listPage)])
  .transform((given) => (typeof given === 'string' ? given.split(',') : given))

export const auditQuerySchema = z.preprocess(
  unbracketed,
  z.strictObject({
    limit: queryNumber(1, limits.listPage).optional(),
    after: entry.optional().describe('The last entry of the page before: older ones follow.'),
    before: entry.optional().describe('The first entry of the page behind: newer ones stand before it.'),
    'effective_at[gt]': seconds.optional(),
    'effective_at[gte]': seconds.optional(),
    'effective_at[lt]': seconds.optional(),
    'effective_at[lte]': seconds.optional(),
    actor_ids: names.optional(),
    actor_emails: names.optional(),
    event_types: names.optional(),
    resource_ids: names.optional().describe('To whom or what it was done.'),
    project_ids: unsupported('project_ids', 'entries are of the whole organization'),
    format: z.enum(['json', 'csv']).optional().describe('Extension: csv for spreadsheets.'),
  }),
)

export type AuditLogQuery = z.infer<typeof auditQuerySchema>

const session = z.object({ user: z.object({ id: z.string() }) })
const actor = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session'), session }),
  z.object({ type: z.literal('api_key'), api_key: z.object({ id: z.string(), type: z.literal('user') }) }),
])
export const auditEntrySchema = z.looseObject({ id: z.string(), type: z.string(), effective_at: z.int(), actor })
export const auditPageSchema = listReply(auditEntrySchema)
