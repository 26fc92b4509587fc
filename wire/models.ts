import { z } from 'zod'

/** `GET /v1/models` and `GET /v1/models/{id}`. */
export const modelSchema = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  dotline: z
    .object({
      context_length: z.int().nullable(),
      state: z.enum(['loading', 'ready', 'failed']),
      capabilities: z.array(z.string()).describe('What may be asked of it; empty until it is known.'),
    })
    .describe('Extension of Dotline.'),
})
export type Model = z.infer<typeof modelSchema>

export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) })
export type ModelList = z.infer<typeof modelListSchema>
