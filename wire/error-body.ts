import { z } from 'zod'
import type { ErrorBody } from './errors.ts'

/** The body of every reply that is not a success. */
export const errorBodySchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum([
      'invalid_request_error',
      'authentication_error',
      'permission_error',
      'rate_limit_error',
      'server_error',
    ]),
    param: z.string().nullable(),
    code: z.string(),
  }),
}) satisfies z.ZodType<ErrorBody>

/** What every address may answer beside what it is there for. */
export const failures = { '4xx': errorBodySchema, '5xx': errorBodySchema } as const
