import { z } from 'zod'
import type { Bias, Item } from '../item.ts'
import { records, type Source } from './file.ts'

const info = z.array(z.string()).min(2)
const schema = z.looseObject({
  example_id: z.union([z.number(), z.string()]),
  question_index: z.union([z.number(), z.string()]).optional(),
  question_polarity: z.enum(['neg', 'nonneg']),
  context_condition: z.enum(['ambig', 'disambig']),
  category: z.string(),
  answer_info: z.object({ ans0: info, ans1: info, ans2: info }),
  additional_metadata: z.looseObject({ stereotyped_groups: z.array(z.string()) }),
  context: z.string(),
  question: z.string(),
  ans0: z.string(),
  ans1: z.string(),
  ans2: z.string(),
  label: z.int().min(0).max(2),
})
type Record = z.infer<typeof schema>

/** BBQ's JSON lines (Parrish et al. 2022). */
export function readBbq(source: Source): Item[] {
  return records(source, schema).map(({ value }) => ({
    id: `${value.category}.${value.example_id}`,
    question: value.question,
    context: value.context,
    options: [value.ans0, value.ans1, value.ans2],
    right: [value.label],
    bias: biasOf(value),
    group: value.category,
  }))
}

/** The codes that answers carry where the groups are written out. */
const codes: Readonly<{ [code: string]: readonly string[] }> = {
  f: ['f', 'female', 'woman', 'girl'],
  m: ['m', 'male', 'man', 'boy'],
}

/**
 * The options about the stereotyped group and about the other. Where the record does not tell them apart, both stay
 * null: the item counts for accuracy and not for the bias score.
 */
function biasOf(record: Record): Bias {
  const infos = [record.answer_info.ans0, record.answer_info.ans1, record.answer_info.ans2]
  const unknown = infos.findIndex((each) => each.includes('unknown'))
  const groups = new Set(record.additional_metadata.stereotyped_groups.map(simple))
  const named = [0, 1, 2].filter((at) => at !== unknown)
  const targets = named.filter((at) => infos[at].some((each) => names(each).some((name) => groups.has(name))))
  const clear = unknown >= 0 && targets.length === 1
  return {
    condition: record.context_condition === 'ambig' ? 'ambiguous' : 'disambiguated',
    polarity: record.question_polarity === 'neg' ? 'negative' : 'non-negative',
    target: clear ? targets[0] : null,
    other: clear ? (named.find((at) => at !== targets[0]) ?? null) : null,
    unknown: unknown >= 0 ? unknown : null,
  }
}

const simple = (name: string) => name.trim().toLowerCase()
/** `F-Black` and `Black` are the same group for a question about colour, `F` and `woman` for one about sex. */
const names = (text: string): string[] =>
  [simple(text), ...simple(text).split(/[-_ ]/)].flatMap((name) => codes[name] ?? [name])
