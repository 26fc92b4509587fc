import { z } from 'zod'
import { limits } from './limits.ts'

/** What lists have in common: `after` names the last one of the page before. */

/** A number in an address's query, which is text there. */
export const queryNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, { error: 'expected an integer' })
    .transform(Number)
    .pipe(z.int().min(least).max(most))

/** A query whose lists may be named with brackets behind, `models[]`, as OpenAI's clients send them. */
export const unbracketed = (query: unknown): unknown =>
  typeof query === 'object' && query !== null
    ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name.replace(/\[\]$/, ''), value]))
    : query

export const identifier = z.string().min(1).max(limits.identifierLength)

export const listReply = <T extends z.ZodType>(item: T) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })

/** One page as a client gets it. */
export const listOf = <T extends { id: string }>(data: T[], more: boolean) => ({
  object: 'list' as const,
  data,
  first_id: data.at(0)?.id ?? null,
  last_id: data.at(-1)?.id ?? null,
  has_more: more,
})
