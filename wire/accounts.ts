import { z } from 'zod'
import { limits } from './limits.ts'

/** Accounts, sessions and invitations: what the page and this server say to each other about people. Times in seconds. */

const { accounts: most } = limits
const name = z.string().trim().min(1).max(most.nameLength)
const email = z.string().trim().min(3).max(most.emailLength)
/** What was chosen once may be shorter than what may be chosen now. */
const password = z.string().min(1).max(most.passwordMax)
const newPassword = z.string().min(most.passwordMin).max(most.passwordMax)
const code = z.string().min(1).max(64)
const secret = z.string().min(1).max(256)

export const roleSchema = z.enum(['owner', 'admin', 'member', 'auditor'])

export const personSchema = z.object({ id: z.string(), email: z.string(), name: z.string(), created_at: z.number() })

export const membershipSchema = z.object({
  organization_id: z.string(),
  project_id: z.string().nullable().describe('Null: the whole organization.'),
  role: roleSchema,
})

export const sessionStateSchema = z.object({
  object: z.literal('session'),
  state: z.enum(['local', 'signed_in', 'signed_out']),
  person: personSchema.nullable(),
  organization_id: z.string().nullable(),
  project_id: z.string().nullable(),
  memberships: z.array(membershipSchema),
  sign_in: z.object({ password: z.boolean(), provider: z.string().nullable() }),
})

export const signInSchema = z.strictObject({ email, password, code: code.nullish() })

export const accountSchema = personSchema.extend({
  object: z.literal('account'),
  has_password: z.boolean(),
  second_factor: z.boolean(),
  recovery_codes: z.number(),
  memberships: z.array(membershipSchema),
})

export const accountChangeSchema = z.strictObject({ name })
export const passwordChangeSchema = z.strictObject({ current: password.nullish(), password: newPassword })
export const confirmSchema = z.strictObject({ code })
export const passwordProofSchema = z.strictObject({ password: password.nullish(), code: code.nullish() })
export const firstAccountSchema = z.strictObject({ email, name, password: newPassword })

export const enrolmentSchema = z.object({ object: z.literal('enrolment'), secret: z.string(), uri: z.string() })
export const recoveryCodesSchema = z.object({ object: z.literal('recovery_codes'), codes: z.array(z.string()) })

export const signedInSessionSchema = z.object({
  id: z.string(),
  object: z.literal('signed_in_session'),
  agent: z.string(),
  address: z.string(),
  created_at: z.number(),
  last_seen_at: z.number(),
  expires_at: z.number(),
  current: z.boolean(),
})

export const invitationSecretSchema = z.strictObject({ secret })
export const invitationAcceptSchema = z.strictObject({ secret, name: name.nullish(), password: newPassword.nullish() })
export const invitationShownSchema = z.object({
  object: z.literal('invitation'),
  email: z.string(),
  organization: z.string(),
  role: roleSchema,
  expires_at: z.number(),
  has_account: z.boolean(),
})

/** Everything that is there of a kind. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ object: z.literal('list'), data: z.array(item) })
export const deletedSchema = z.object({ id: z.string(), deleted: z.literal(true) })
