import { z } from 'zod'

/** One question of an exam, whatever format it was published in. A task's own JSONL holds one such object a line. */

const text = z.string().max(1_000_000)

export const codeSchema = z.strictObject({
  language: z.enum(['javascript', 'python']),
  /** What the answer continues: a signature and its description, or nothing where the answer is whole. */
  prefix: text,
  /** Run after the answer; a failed check throws. */
  tests: text,
  /** The function that is tested. */
  entry: z.string().max(200).optional(),
})

export const biasSchema = z.strictObject({
  /** Whether the context leaves the question open (BBQ's `ambig`) or answers it. */
  condition: z.enum(['ambiguous', 'disambiguated']),
  /** Whether to be named in the answer is bad (`negative`) or not. */
  polarity: z.enum(['negative', 'non-negative']),
  /** The options about the stereotyped group, about another, and the one that says that it cannot be known. */
  target: z.int().min(0).nullable(),
  other: z.int().min(0).nullable(),
  unknown: z.int().min(0).nullable(),
})

export const itemSchema = z.strictObject({
  id: z.string().min(1).max(200),
  question: text,
  /** A passage that the question is about. */
  context: text.optional(),
  /** Further texts that a prompt may name in braces. */
  fields: z.record(z.string(), text).optional(),
  options: z.array(text).min(2).max(26).optional(),
  /** The options that are right, by number. */
  right: z.array(z.int().min(0)).min(1).optional(),
  /** Answers that are accepted. */
  answers: z.array(text).min(1).optional(),
  /** The number to be rated, as in STS-B. */
  score: z.number().optional(),
  expect: z.enum(['refuse', 'answer']).optional(),
  bias: biasSchema.optional(),
  code: codeSchema.optional(),
  /** The same question with another group in the place of the first. */
  counterpart: text.optional(),
  /** Subject or category: shares are also given by it. */
  group: z.string().max(200).optional(),
})

export type Item = z.infer<typeof itemSchema>
export type Code = z.infer<typeof codeSchema>
export type Bias = z.infer<typeof biasSchema>

/** The texts of an item that a model must not have seen, for the contamination check: passage, question, answers. */
export function textsOf(item: Item): string[] {
  const answers = item.answers ?? item.right?.map((at) => item.options?.[at] ?? '') ?? []
  return [
    item.context ?? '',
    item.question,
    ...Object.values(item.fields ?? {}),
    ...answers,
    item.code?.tests ?? '',
  ].filter(Boolean)
}
