import { z } from 'zod'

/** `GET /health`: 200 while requests are taken (also while the model loads), 503 when they cannot be answered. */
export const healthSchema = z.object({
  status: z.enum(['ok', 'loading', 'failed', 'closing']),
  model: z.string().nullable(),
  uptime_seconds: z.number(),
  active: z.int().describe('Sequences being decoded.'),
  waiting: z.int().describe('Sequences that wait for a slot.'),
  keeps: z.boolean().describe('Whether conversations are kept here.'),
  problem: z.string().nullable().describe('Why the model could not be loaded.'),
})
export type Health = z.infer<typeof healthSchema>
