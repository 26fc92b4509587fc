import { z } from 'zod'
import { limits } from './limits.ts'

/** `/v1/organization/projects`, `/users` and `/admin_api_keys`, in OpenAI's shapes. Times in seconds since 1970. */

const name = z.string().trim().min(1).max(limits.nameLength)
const id = z.string().max(limits.identifierLength)

export const projectObjectSchema = z.object({
  object: z.literal('organization.project'),
  id: z.string(),
  name: z.string(),
  created_at: z.number(),
  archived_at: z.number().nullable(),
  status: z.enum(['active', 'archived']),
})
export const projectNameSchema = z.strictObject({ name })

export const userObjectSchema = z.object({
  object: z.enum(['organization.user', 'organization.project.user']),
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  added_at: z.number(),
})

export const keyObjectSchema = z.looseObject({
  object: z.enum(['organization.project.api_key', 'organization.admin_api_key']),
  id: z.string(),
  name: z.string(),
  redacted_value: z.string(),
  created_at: z.number(),
  last_used_at: z.number().nullable(),
})

export const listQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: 'expected a number' })
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .optional(),
  after: id.optional(),
  order: z.enum(['asc', 'desc']).optional(),
  include_archived: z.enum(['true', 'false']).optional(),
})
export type ListQuery = z.infer<typeof listQuerySchema>

export const listed = <T extends z.ZodType>(item: T) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })

export const deletedSchema = z.object({ object: z.string(), id: z.string(), deleted: z.literal(true) })
