import { z } from 'zod'
import { checkStreamOptions, dotlineSchema, generation, identifiers, only, usageSchema } from './fields.ts'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'

/** `POST /v1/completions`: plain continuation and, with `suffix`, filling in the middle. */

const tokens = z.array(z.int().min(0)).min(1).max(limits.promptTokens)

const prompt = z.union(
  [z.string(), z.array(z.string()).min(1).max(limits.prompts), tokens, z.array(tokens).min(1).max(limits.prompts)],
  { error: 'expected a string, an array of strings, an array of token ids or an array of such arrays' },
)

const one = (value: unknown): value is 1 => value === 1

export const completionRequestSchema = z
  .strictObject({
    ...generation,
    prompt,
    suffix: z
      .string()
      .nullish()
      .describe('Text after the gap: the model fills in what stands between prompt and suffix.'),
    echo: z
      .boolean()
      .nullish()
      .describe('Puts the prompt before the continuation; with `logprobs`, those of its tokens too.'),
    logprobs: z.int().min(0).max(limits.completionLogprobs).nullish(),
    best_of: only('best_of', one, '1'),
    user: identifiers.user,
  })
  .superRefine((body, context) => {
    checkStreamOptions(body, context)
    const refuse = (field: string, message: string, code = 'invalid_value') =>
      context.addIssue({ code: 'custom', path: [field], message, params: { code } })
    if (promptCount(body.prompt) * (body.n ?? 1) > limits.choices)
      refuse('n', `The number of prompts times 'n' must be at most ${limits.choices}.`)
    if (typeof body.suffix === 'string' && typeof body.prompt !== 'string')
      refuse('suffix', "'suffix' needs a prompt that is one string.")
    if (typeof body.suffix === 'string' && body.echo === true)
      refuse('echo', "'echo' cannot be combined with 'suffix'.")
  }, onceWhole)

/** How many prompts a request holds: one string or one array of ids is one prompt. */
export function promptCount(value: z.infer<typeof prompt>): number {
  return typeof value === 'string' || typeof value[0] === 'number' ? 1 : value.length
}

export type CompletionRequestBody = z.infer<typeof completionRequestSchema>

export const completionLogprobsSchema = z.object({
  tokens: z.array(z.string()),
  token_logprobs: z.array(z.number().nullable()).describe('Null for the first token of a prompt.'),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
  text_offset: z.array(z.int()),
})
export type CompletionLogprobs = z.infer<typeof completionLogprobsSchema>

const reply = {
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.int(),
  model: z.string(),
  system_fingerprint: z.string().optional(),
}
/** A continuation calls nothing. */
const finishReasons = ['stop', 'length', 'content_filter'] as const
const choice = {
  index: z.int(),
  text: z.string(),
  logprobs: completionLogprobsSchema.nullable(),
}

export const completionReplySchema = z.object({
  ...reply,
  choices: z.array(z.object({ ...choice, finish_reason: z.enum(finishReasons) })),
  usage: usageSchema,
  dotline: dotlineSchema,
})
export type CompletionReply = z.infer<typeof completionReplySchema>

export const completionChunkSchema = z.object({
  ...reply,
  choices: z.array(z.object({ ...choice, finish_reason: z.enum(finishReasons).nullable() })),
  usage: usageSchema.nullable().optional(),
  obfuscation: z.string().optional(),
  dotline: dotlineSchema.optional(),
})
export type CompletionChunk = z.infer<typeof completionChunkSchema>
