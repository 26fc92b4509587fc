import { z } from 'zod'
import { unsupported } from './fields.ts'
import { limits } from './limits.ts'
import { identifier, queryNumber, unbracketed } from './lists.ts'

/** `/v1/organization/projects`, `/users` and `/admin_api_keys`, in OpenAI's shapes. Times in seconds since 1970. */

const name = z.string().trim().min(1).max(limits.nameLength)
const moment = z.int()
const elsewhere = unsupported('geography', 'projects lie where the server does')

export const projectObjectSchema = z.object({
  object: z.literal('organization.project'),
  id: z.string(),
  name: z.string(),
  created_at: moment,
  archived_at: moment.nullable(),
  status: z.enum(['active', 'archived']),
})
const notKept = {
  geography: elsewhere,
  external_key_id: unsupported('external_key_id', 'it encrypts with no key of yours'),
}
export const newProjectSchema = z.strictObject({ name, ...notKept })
export const projectUpdateSchema = z.strictObject({ name: name.nullish(), ...notKept })

const user = { id: z.string(), name: z.string(), email: z.string(), role: z.string(), added_at: moment }
export const userObjectSchema = z.object({ object: z.literal('organization.user'), ...user })
export const projectUserObjectSchema = z.object({ object: z.literal('organization.project.user'), ...user })

const key = {
  id: z.string(),
  name: z.string(),
  redacted_value: z.string(),
  created_at: moment,
  last_used_at: moment.nullable(),
}
const member = { id: z.string(), name: z.string(), role: z.string(), created_at: moment }
export const projectKeyObjectSchema = z.object({
  object: z.literal('organization.project.api_key'),
  ...key,
  owner: z.discriminatedUnion('type', [
    z.object({ type: z.literal('user'), user: z.object({ ...member, email: z.string() }) }),
    z.object({ type: z.literal('service_account'), service_account: z.object(member) }),
  ]),
})
export const adminKeyObjectSchema = z.object({
  object: z.literal('organization.admin_api_key'),
  ...key,
  owner: z.object({ type: z.enum(['user', 'service_account']), object: z.string(), ...member }),
})
/** Whose key it is, before it is shown in one of those forms. */
export interface KeyOwner {
  type: 'user' | 'service_account'
  id: string
  name: string
  email: string
  role: string
  created_at: number
}

const page = { limit: queryNumber(1, limits.listPage).optional(), after: identifier.optional() }
export const pageQuerySchema = z.strictObject(page)
export const projectsQuerySchema = z.strictObject({ ...page, include_archived: z.enum(['true', 'false']).optional() })
export const adminKeysQuerySchema = z.strictObject({ ...page, order: z.enum(['asc', 'desc']).optional() })
/** Lists are named with brackets behind or without. */
export const usersQuerySchema = z.preprocess(
  unbracketed,
  z.strictObject({
    ...page,
    emails: z.union([z.string().max(limits.identifierLength), z.array(z.string()).max(limits.listPage)]).optional(),
  }),
)
export type PageQuery = z.infer<typeof pageQuerySchema>

export const keyDeletedSchema = <T extends string>(object: T) =>
  z.object({ object: z.literal(object), id: z.string(), deleted: z.literal(true) })
