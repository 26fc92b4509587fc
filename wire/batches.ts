import { z } from 'zod'
import { expiresAfterSchema } from './files.ts'
import { limits } from './limits.ts'
import { identifier, listReply, queryNumber } from './lists.ts'
import { metadataSchema } from './tools.ts'

/** `/v1/batches`: many requests from a file, answered when nothing else waits. */

export const batchEndpoints = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/responses'] as const
export type BatchEndpoint = (typeof batchEndpoints)[number]

export const batchRequestSchema = z.strictObject({
  input_file_id: identifier.describe('A file of the purpose `batch`, a request on each line.'),
  endpoint: z.enum(batchEndpoints),
  completion_window: z.literal('24h'),
  metadata: metadataSchema.nullish(),
  output_expires_after: expiresAfterSchema.nullish(),
})

/** A line of the input. Its body is judged when its turn comes, as that of any other request. */
export const batchLineSchema = z.strictObject({
  custom_id: z.string().min(1).max(limits.identifierLength),
  method: z.literal('POST'),
  url: z.string(),
  body: z.record(z.string(), z.unknown()),
})

export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const

const lineError = z.object({
  code: z.string(),
  message: z.string(),
  param: z.string().nullable(),
  line: z.int().nullable(),
})
export type BatchLineError = z.infer<typeof lineError>

export const batchUsageSchema = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
})
export type BatchUsage = z.infer<typeof batchUsageSchema>

const moment = z.int().optional()

export const batchSchema = z.object({
  id: z.string(),
  object: z.literal('batch'),
  endpoint: z.string(),
  model: z.string().optional().describe('Where all lines name the same.'),
  errors: z.object({ object: z.literal('list'), data: z.array(lineError) }).optional(),
  input_file_id: z.string(),
  completion_window: z.literal('24h'),
  status: z.enum(batchStatuses),
  output_file_id: z.string().optional(),
  error_file_id: z.string().optional(),
  created_at: z.int(),
  in_progress_at: moment,
  expires_at: moment,
  finalizing_at: moment,
  completed_at: moment,
  failed_at: moment,
  expired_at: moment,
  cancelling_at: moment,
  cancelled_at: moment,
  request_counts: z.object({ total: z.int(), completed: z.int(), failed: z.int() }),
  usage: batchUsageSchema.optional(),
  metadata: metadataSchema.nullable(),
})
export type BatchObject = z.infer<typeof batchSchema>

export const batchListQuerySchema = z.strictObject({
  after: identifier.optional(),
  limit: queryNumber(1, limits.batchesListed).optional(),
})
export const batchListSchema = listReply(batchSchema)

/** A line of the output and of the file of errors. */
export const batchAnswerSchema = z.object({
  id: z.string(),
  custom_id: z.string(),
  response: z.object({ status_code: z.int(), request_id: z.string(), body: z.unknown() }).nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})
export type BatchAnswer = z.infer<typeof batchAnswerSchema>
