import { z } from 'zod'
import { limits } from './limits.ts'
import { onceWhole } from './once-whole.ts'

/** Limits and prices as they are set: by `/v1/organization/limits` and `/prices`, and by the command line. */

const identifier = String.raw`[^\s:][^\s]{0,${limits.modelIdLength - 1}}`
const subject = z.string().regex(new RegExp(`^(organisation|(project|person|key|model):(${identifier}))$`), {
  error: 'expected organisation, project:ID, person:ID, key:ID or model:NAME, or * in the place of the name',
})

const metrics = {
  requests: ['minute', 'day', 'month'],
  tokens: ['minute', 'day', 'month'],
  money: ['day', 'month'],
  concurrent: ['none'],
  storage: ['none'],
} as const

/** Whose, of what, and in which time. */
export const limitNameSchema = z
  .strictObject({
    subject,
    metric: z.string().regex(/^(requests|tokens|concurrent|storage|money:[A-Z]{3})$/, {
      error: 'expected requests, tokens, money:EUR (or another currency), concurrent or storage',
    }),
    period: z.enum(['minute', 'day', 'month', 'none']).default('none'),
  })
  .superRefine(({ metric, period }, context) => {
    const allowed: readonly string[] = metrics[metric.split(':')[0] as keyof typeof metrics]
    if (allowed.includes(period)) return
    const message = `expected ${allowed.join(', ')} for ${metric}`
    context.addIssue({ code: 'custom', path: ['period'], message, params: { code: 'invalid_value' } })
  }, onceWhole)

/** Money in billionths of its currency, storage in bytes. */
export const maximumSchema = z.int().min(0)
export const limitSchema = z.object({
  object: z.literal('organization.limit'),
  subject: z.string(),
  metric: z.string(),
  period: z.string(),
  maximum: z.number(),
})
export const newLimitSchema = z.preprocess((body) => body, limitNameSchema.safeExtend({ maximum: maximumSchema }))

const perMillion = z.number().min(0).max(1e6)
export const newPriceSchema = z.strictObject({
  model: z.string().min(1).max(limits.modelIdLength).describe('A model’s name, or * for all without one of their own.'),
  currency: z.string().regex(/^[A-Z]{3}$/, { error: 'expected three capital letters' }),
  input: perMillion.describe('Per million tokens.'),
  cached: perMillion,
  output: perMillion,
  since: z.int().min(0).optional().describe('From when it holds, in seconds since 1970; now where it is left out.'),
})
export const priceSchema = z.object({
  object: z.literal('organization.price'),
  model: z.string(),
  /** Set by the organisation, or offered by the installation: its own price, or what it costs to run. */
  by: z.enum(['organization', 'installation']),
  currency: z.string(),
  input: z.number(),
  cached: z.number(),
  output: z.number(),
  since: z.number(),
})
