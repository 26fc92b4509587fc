import { z } from 'zod'
import { limits } from './limits.ts'
import { identifier, listReply, queryNumber } from './lists.ts'
import { onceWhole } from './once-whole.ts'
import { itemSchema } from './response-items.ts'

/** What is asked of responses and items that are kept, in the address. */

const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** `GET /v1/responses/{id}`. */
export const retrieveQuerySchema = z
  .strictObject({
    stream: flag.optional(),
    starting_after: queryNumber(0, 999_999_999).optional().describe('The sequence number of the last event known.'),
    include_obfuscation: flag.optional(),
    include: z.union([z.string(), z.array(z.string())]).optional(),
    'include[]': z.union([z.string(), z.array(z.string())]).optional(),
  })
  .superRefine((query, context) => {
    if (query.starting_after !== undefined && query.stream !== true)
      context.addIssue({
        code: 'custom',
        path: ['starting_after'],
        message: "'starting_after' is only allowed together with 'stream=true'.",
        params: { code: 'invalid_value' },
      })
    checkIncluded(query, context)
  }, onceWhole)

/** Log-probabilities stand in an answer where they were asked for when it was made: nothing else can be included. */
function checkIncluded(query: Record<string, unknown>, context: z.RefinementCtx): void {
  const given = [query.include, query['include[]']].flat().filter((each) => each !== undefined)
  const strange = given.find((each) => each !== 'message.output_text.logprobs')
  if (strange === undefined) return
  context.addIssue({
    code: 'custom',
    path: ['include'],
    message: `'${String(strange).slice(0, 80)}' cannot be included by this version: only 'message.output_text.logprobs' can.`,
    params: { code: 'unsupported_value' },
  })
}

const listQuery = {
  after: identifier.optional().describe('The id of the last one known.'),
  limit: queryNumber(1, limits.listPage).optional(),
  order: z.enum(['asc', 'desc']).optional(),
}

export const includeQuerySchema = z
  .strictObject({ include: z.unknown().optional(), 'include[]': z.unknown().optional() })
  .superRefine((query, context) => checkIncluded(query, context), onceWhole)

export const itemListQuerySchema = z
  .strictObject({ ...listQuery, include: z.unknown().optional(), 'include[]': z.unknown().optional() })
  .superRefine((query, context) => checkIncluded(query, context), onceWhole)

export const itemListSchema = listReply(itemSchema)
