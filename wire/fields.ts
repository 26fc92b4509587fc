import { z } from 'zod'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'

/** A field that OpenAI knows and this version does not: null is harmless, anything else is refused by name. */
export function unsupported(field: string, why: string) {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined || value === null) return
      context.addIssue({
        code: 'custom',
        message: `'${field}' is not supported by this version: ${why}.`,
        params: { code: 'unsupported_parameter' },
      })
    }, onceWhole)
    .optional()
    .meta({ description: `Not supported by this version: ${why}.`, type: 'null' })
}

/** Accepts only the given value; others get a 400 that says which value is supported. */
export function only<T>(field: string, accepted: (value: unknown) => value is T, what: string) {
  return z
    .unknown()
    .superRefine((value, context) => {
      if (value === undefined || value === null || accepted(value)) return
      context.addIssue({
        code: 'custom',
        message: `This value of '${field}' is not supported by this version: only ${what} is.`,
        params: { code: 'unsupported_value' },
      })
    }, onceWhole)
    .optional()
    .meta({ description: `Only ${what} is supported.` })
}

/**
 * Objects that OpenAI knows by this name and this version does not: refused by name. It lets nothing through, so that
 * its type can be that of a neighbour in a union.
 */
export function refusedKind<const T extends readonly [string, ...string[]], N>(
  key: string,
  kinds: T,
  say: (kind: string) => string,
  why: string,
): N {
  const schema = z
    .looseObject({ [key]: z.enum(kinds) })
    .superRefine((value, context) => {
      const message = say(String((value as Record<string, unknown>)[key]))
      context.addIssue({ code: 'custom', message, params: { code: 'unsupported_value' } })
    }, onceWhole)
    .meta({ description: `Not supported by this version: ${why}.` })
  return schema as N
}

const inMemory = (value: unknown): value is string => value === 'in_memory'
export const cacheRetention = only('prompt_cache_retention', inMemory, "'in_memory'")

const ignored = (what: string) =>
  z.string().max(limits.identifierLength).nullish().describe(`${what} Accepted and not used by this version.`)

/** What a client may say about who asks; nothing depends on it yet. */
export const identifiers = {
  user: ignored('Deprecated: the end user.'),
  safety_identifier: ignored('A stable name of the end user.'),
  prompt_cache_key: ignored('A hint for prompt caching.'),
}

const number = (min: number, max: number) => z.number().min(min).max(max)

/** Sampling and length fields that chat and plain completions share. */
export const generation = {
  model: z.string().min(1).max(limits.modelIdLength),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_usage: z.boolean().nullish().describe('One more chunk before [DONE], with empty choices and the usage.'),
      include_obfuscation: z
        .boolean()
        .nullish()
        .describe('Pads each delta so that its size says little about its text. On unless set to false.'),
    })
    .nullish(),
  n: z.int().min(1).max(limits.choices).nullish(),
  max_tokens: z.int().min(1).max(limits.maxTokens).nullish(),
  temperature: number(0, limits.temperature).nullish().describe('0 is greedy. The default is the model’s own.'),
  top_p: number(0, 1).nullish(),
  top_k: z.int().min(0).max(limits.topK).nullish().describe('Extension: keeps the k likeliest tokens; 0 keeps all.'),
  min_p: number(0, 1)
    .nullish()
    .describe('Extension: keeps tokens at least this fraction as likely as the likeliest; 0 keeps all.'),
  repetition_penalty: number(limits.repetitionPenaltyMin, limits.repetitionPenaltyMax)
    .nullish()
    .describe('Extension: divides the logits of tokens seen before (CTRL); 1 is off.'),
  presence_penalty: number(-limits.penalty, limits.penalty).nullish(),
  frequency_penalty: number(-limits.penalty, limits.penalty).nullish(),
  logit_bias: z
    .record(
      z.string().regex(/^\d{1,9}$/, { error: 'expected token ids as keys' }),
      number(-limits.logitBias, limits.logitBias),
    )
    .refine((bias) => Object.keys(bias).length <= limits.logitBiasEntries, {
      error: `expected at most ${limits.logitBiasEntries} entries`,
    })
    .nullish(),
  seed: z.int().nullish().describe('The same request with the same seed gives the same answer.'),
  stop: z
    .union(
      [
        z.string().min(1).max(limits.stopLength),
        z.array(z.string().min(1).max(limits.stopLength)).max(limits.stopStrings),
      ],
      { error: `expected a string or an array of up to ${limits.stopStrings} strings` },
    )
    .nullish(),
}

/** What happens to a conversation that is longer than the model's window. */
export const truncation = z
  .enum(['auto', 'disabled'])
  .nullish()
  .describe('auto: the oldest turns of a context that is too long go, and the reply says how many. Else it is refused.')

/** Refuses `stream_options` without `stream`, as OpenAI does. */
export function checkStreamOptions(
  body: { stream?: boolean | null; stream_options?: unknown },
  context: z.RefinementCtx,
): void {
  if (body.stream_options === undefined || body.stream_options === null || body.stream === true) return
  context.addIssue({
    code: 'custom',
    path: ['stream_options'],
    message: "'stream_options' is only allowed together with 'stream': true.",
    params: { code: 'invalid_value' },
  })
}

export const usageSchema = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }),
  completion_tokens_details: z.object({ reasoning_tokens: z.int() }),
})
export type Usage = z.infer<typeof usageSchema>

/** Our own part of a reply; clients of OpenAI's format ignore it. */
export const dotlineSchema = z
  .object({
    dropped_messages: z.int().describe('Old messages that did not fit into the model’s window and were left out.'),
    first_token_ms: z.number().nullable().optional(),
    total_ms: z.number().optional(),
    tokens_per_second: z.number().nullable().optional(),
    cost: z.number().optional().describe('What it cost, where the model has a price.'),
    currency: z.string().optional(),
  })
  .describe('Extension of Dotline.')
export type DotlineDetails = z.infer<typeof dotlineSchema>

export const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter'] as const
export type FinishReason = (typeof finishReasons)[number]
