import { z } from 'zod'
import { expiresAfterSchema, fileNameSchema, fileSchema, uploadPurposes } from './files.ts'
import { limits } from './limits.ts'
import { identifier } from './lists.ts'

/** `/v1/uploads`: a file that comes in parts. */

export const uploadRequestSchema = z.strictObject({
  bytes: z.int().min(1).max(limits.uploadBytes).describe('Of the whole file.'),
  filename: fileNameSchema,
  mime_type: z
    .string()
    .max(limits.nameLength * 2)
    .describe('Not used: what a file is, its bytes say.'),
  purpose: z.enum(uploadPurposes),
  expires_after: expiresAfterSchema.nullish(),
})

export const uploadSchema = z.object({
  id: z.string(),
  object: z.literal('upload'),
  bytes: z.int(),
  created_at: z.int(),
  expires_at: z.int(),
  filename: z.string(),
  purpose: z.string(),
  status: z.enum(['pending', 'completed', 'cancelled', 'expired']),
  file: fileSchema.nullable(),
})
export type UploadObject = z.infer<typeof uploadSchema>

export const uploadPartSchema = z.object({
  id: z.string(),
  object: z.literal('upload.part'),
  created_at: z.int(),
  upload_id: z.string(),
})

export const partFormSchema = z.strictObject({})

export const uploadCompletionSchema = z.strictObject({
  part_ids: z
    .array(identifier)
    .min(1)
    .max(limits.uploadParts)
    .refine((ids) => new Set(ids).size === ids.length, { error: 'expected each part once' }),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, { error: 'expected an MD5 sum in hexadecimal' })
    .nullish()
    .describe('Of the whole file: what was received is checked against it.'),
})
