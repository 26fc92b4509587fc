import { z } from 'zod'
import { generation, identifiers } from './fields.ts'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'

/** `POST /v1/embeddings`. */

const text = z.string().min(1, { error: 'expected a text that is not empty' })
const tokens = z.array(z.int().min(0)).min(1).max(limits.promptTokens)
const most = limits.embeddingInputs
const input = z
  .union([text, z.array(text).min(1), tokens, z.array(tokens).min(1)], {
    error: 'expected a string, an array of strings, an array of token ids or an array of such arrays',
  })
  .superRefine((given, context) => {
    if (embeddingInputs(given).length <= most) return
    const message = `Invalid 'input': expected at most ${most} inputs.`
    context.addIssue({ code: 'custom', message, params: { code: 'invalid_value' } })
  }, onceWhole)

export const embeddingRequestSchema = z.strictObject({
  model: generation.model,
  input,
  encoding_format: z
    .enum(['float', 'base64'])
    .nullish()
    .describe('float by default; the official clients ask for base64.'),
  dimensions: z.int().min(1).max(limits.embeddingDimensions).nullish(),
  user: identifiers.user,
})
export type EmbeddingRequestBody = z.infer<typeof embeddingRequestSchema>

/** One or more texts, or token ids of one or more texts, as a list of them. */
export function embeddingInputs(given: string | string[] | number[] | number[][]): (string | number[])[] {
  if (typeof given === 'string') return [given]
  return typeof given[0] === 'number' ? [given as number[]] : (given as string[] | number[][])
}

export const embeddingReplySchema = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string().describe('Float32, the smallest byte first, in base64.')]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
})
export type EmbeddingReply = z.infer<typeof embeddingReplySchema>
