import { z } from 'zod'
import { limits } from './limits.ts'
import { identifier, listReply, queryNumber } from './lists.ts'

/** `/v1/files`: what a client uploads for later requests, and what batches leave behind. */

export const uploadPurposes = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'] as const
export const filePurposes = [...uploadPurposes, 'assistants_output', 'batch_output', 'fine-tune-results'] as const

export const expiresAfterSchema = z.strictObject({
  anchor: z.literal('created_at'),
  seconds: z.int().min(limits.expirySecondsMin).max(limits.expirySecondsMax),
})

export const fileNameSchema = z.string().min(1).max(limits.fileNameLength)

/** The fields beside `file` in the form of `POST /v1/files`. */
export const fileFormSchema = z.strictObject({
  purpose: z.enum(uploadPurposes),
  expires_after: expiresAfterSchema.nullish(),
})

export const fileSchema = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int(),
  created_at: z.int(),
  expires_at: z.int().optional(),
  filename: z.string(),
  purpose: z.enum(filePurposes),
  status: z.enum(['uploaded', 'processed', 'error']).describe('Deprecated: always processed.'),
})
export type FileObject = z.infer<typeof fileSchema>

export const fileListQuerySchema = z.strictObject({
  after: identifier.optional(),
  limit: queryNumber(1, limits.filesListed).optional(),
  order: z.enum(['asc', 'desc']).optional(),
  purpose: z.enum(filePurposes).optional(),
})
export const fileListSchema = listReply(fileSchema)

export const fileDeletedSchema = z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) })
