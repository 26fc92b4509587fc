import { expect, test } from 'vitest'
import { z } from 'zod'
import { chatRequestSchema } from './chat.ts'
import { completionRequestSchema } from './completions.ts'
import { embeddingRequestSchema } from './embeddings.ts'
import { stopEarly } from './stop-early.ts'
import { validationError } from './validation.ts'

const many = <T>(value: T) => Array.from({ length: 250_000 }, () => value)
const keys = (value: unknown) => Object.fromEntries(many(value).map((each, at) => [`k${at}`, each]))

/** What is told of a body, and how many faults were looked for. */
function refusalOf(schema: z.ZodType, body: unknown): { count: number; said: string } {
  stopEarly(schema)
  schema.safeParse({})
  const { error } = schema.safeParse(body)
  if (error === undefined) return { count: 0, said: 'nothing' }
  const count = (issues: readonly z.core.$ZodIssue[]): number =>
    issues.reduce(
      (sum, issue) =>
        sum + 1 + (issue.code === 'invalid_union' ? issue.errors.reduce((all, one) => all + count(one), 0) : 0),
      0,
    )
  return { count: count(error.issues), said: validationError(error.issues, body).message }
}

const message = { role: 'user', content: 'a' }

test.each([
  ['tokens that are none, within', completionRequestSchema, { model: 'a', prompt: ['a', many('a')] }, /'prompt/],
  [
    'messages that are none',
    chatRequestSchema,
    { model: 'a', messages: many(0) },
    /'messages': expected array to have at most 2048/,
  ],
  [
    'a message at the end',
    chatRequestSchema,
    { model: 'a', messages: [...Array(200).fill(message), 0] },
    /'messages\[200\]'/,
  ],
  [
    'parts that are none',
    chatRequestSchema,
    { model: 'a', messages: Array(2048).fill({ role: 'user', content: Array(256).fill(0) }) },
    /'messages\[0\]/,
  ],
  ['tokens that are none', completionRequestSchema, { model: 'a', prompt: many('a') }, /'prompt/],
  [
    'tokens below zero',
    completionRequestSchema,
    { model: 'a', prompt: many(-1) },
    /'prompt\[0\]': expected number to be at least 0/,
  ],
  ['texts without letters', embeddingRequestSchema, { model: 'a', input: many('') }, /'input/],
  [
    'a record of what it does not hold',
    chatRequestSchema,
    { model: 'a', messages: [message], metadata: keys(0) },
    /'metadata\.k0': expected string/,
  ],
])('of %s it is told once', (_, schema, body, words) => {
  const { count, said } = refusalOf(schema, body)
  expect(said).toMatch(words)
  expect(count).toBeLessThan(100)
})

test('what is right is read as before', () => {
  const schema = z.strictObject({
    list: z.array(z.object({ a: z.number().default(7) })).max(1000),
    record: z.record(z.string(), z.string().trim()),
    lazy: z.lazy(() => z.array(z.int())),
  })
  const body = {
    list: Array(300).fill({}),
    record: Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, ' x '])),
    lazy: Array.from({ length: 300 }, (_, at) => at),
  }
  const before = schema.parse(body)
  stopEarly(schema)
  expect(schema.parse(body)).toEqual(before)
  expect(before.list[299]).toEqual({ a: 7 })
  expect(schema.safeParse({ ...body, lazy: [...body.lazy, 'x', 'y'] }).error?.issues).toHaveLength(1)
})
