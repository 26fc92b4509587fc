import { z } from 'zod'
import { roleSchema } from './accounts.ts'
import { limits } from './limits.ts'

/** Organizations, their projects, members and keys, as the page manages them. Times in seconds since 1970. */

const { accounts: most } = limits
const name = z.string().trim().min(1).max(most.nameLength)
const id = z.string().min(1).max(limits.nameLength)
const line = z.string().min(1).max(limits.modelIdLength)
const lines = z.array(line).min(1).max(most.keyLines)

export const keySchema = z.object({
  id: z.string(),
  object: z.literal('api_key'),
  name: z.string(),
  prefix: z.string().describe('The beginning of the key, to know it again.'),
  project_id: z.string().nullable().describe('Null: every project of the organization.'),
  person_id: z.string().nullable().describe('Null: a key of the project, whoever leaves it.'),
  scopes: z.array(z.string()),
  models: z.array(z.string()).nullable(),
  addresses: z.array(z.string()).nullable(),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  last_used_at: z.number().nullable(),
  revoked_at: z.number().nullable(),
})

export const newKeySchema = z.strictObject({
  name,
  project_id: id.nullish().describe('Null: every project of the organization. Left out: the project of this request.'),
  service: z.boolean().nullish().describe('A key of the project, that stays when its maker leaves.'),
  scopes: z.array(z.string().max(limits.nameLength)).min(1).max(most.keyLines).nullish(),
  models: lines.nullish(),
  addresses: lines.nullish(),
  expires_at: z.int().positive().max(1e11).nullish(),
})
export type NewKeyBody = z.infer<typeof newKeySchema>

/** The only time that the key itself is said. */
export const madeKeySchema = keySchema.extend({ key: z.string() })
export const keyChangeSchema = z.strictObject({ name })

export const projectSchema = z.object({
  id: z.string(),
  object: z.literal('project'),
  name: z.string(),
  created_at: z.number(),
  archived_at: z.number().nullable(),
})
export const newProjectSchema = z.strictObject({ name })
export const projectChangeSchema = z.strictObject({ name: name.nullish(), archived: z.boolean().nullish() })

export const organizationSchema = z.object({
  id: z.string(),
  object: z.literal('organization'),
  name: z.string(),
  created_at: z.number(),
  disabled_at: z.number().nullable(),
})
export const organizationChangeSchema = z.strictObject({ name })
export const newOrganizationSchema = z.strictObject({ name })

export const memberSchema = z.object({
  object: z.literal('member'),
  person_id: z.string(),
  email: z.string(),
  name: z.string(),
  project_id: z.string().nullable(),
  role: roleSchema,
  created_at: z.number(),
})
export const memberChangeSchema = z.strictObject({ role: roleSchema, project_id: id.nullish() })
export const memberQuerySchema = z.strictObject({ project_id: id.optional() })
export const disableSchema = z.strictObject({ disabled: z.boolean() })
export const disabledSchema = z.object({ person_id: z.string(), disabled: z.boolean() })

export const invitationSchema = z.object({
  id: z.string(),
  object: z.literal('invitation'),
  email: z.string(),
  project_id: z.string().nullable(),
  role: roleSchema,
  created_at: z.number(),
  expires_at: z.number(),
  accepted_at: z.number().nullable(),
})
export const newInvitationSchema = z.strictObject({
  email: z.email().max(most.emailLength),
  role: roleSchema,
  project_id: id.nullish(),
})
/** The secret is said once, and belongs into the link that the invited person opens. */
export const madeInvitationSchema = invitationSchema.extend({ secret: z.string() })
