import { z } from 'zod'
import type { Item } from '../item.ts'
import { checked, ExamDataError, records, type Source, subjectOf } from './file.ts'
import { csvRows, named } from './table.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/**
 * MMLU's CSV (Hendrycks et al. 2021): question, four options, the letter of the right one, without a heading. C-Eval and
 * CMMLU have the same columns under a heading, in any order.
 */
export function readMmlu(source: Source): Item[] {
  const rows = csvRows(source)
  const heading = rows[0]?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  const group = subjectOf(source)
  if (heading.includes('question') && heading.includes('a'))
    return named(rows.map((row, i) => (i === 0 ? { ...row, cells: heading } : row))).map(({ row, number }) =>
      lettered(source, number, row.question, [row.a, row.b, row.c, row.d], row.answer, group),
    )
  return rows.map(({ cells, number }) => {
    if (cells.length < 4)
      throw new ExamDataError(source.path, number, `has ${cells.length} cells, not question, options and letter`)
    return lettered(source, number, cells[0], cells.slice(1, -1), cells[cells.length - 1], group)
  })
}

function lettered(
  source: Source,
  line: number,
  question: string,
  options: string[],
  letter: string,
  group: string,
): Item {
  const right = letters.indexOf(letter?.trim().toUpperCase() || '?')
  if (right < 0 || right >= options.length)
    throw new ExamDataError(source.path, line, `"${letter}" is the letter of no option`)
  return {
    id: `${group}.${line}`,
    question: question.trim(),
    options: options.map((option) => option.trim()),
    right: [right],
    group,
  }
}

const agievalSchema = z.looseObject({
  passage: z.string().nullish(),
  question: z.string(),
  options: z.array(z.string()).nullish(),
  label: z.union([z.string(), z.array(z.string())]).nullish(),
  answer: z.string().nullish(),
})

/** AGIEval's JSON lines (Zhong et al. 2023): options begin with their letters, `(A)`; blanks to be filled have an answer. */
export function readAgieval(source: Source): Item[] {
  const group = subjectOf(source)
  return records(source, agievalSchema).map(({ value, number }) => {
    const base = {
      id: `${group}.${number}`,
      question: value.question.trim(),
      context: value.passage?.trim() || undefined,
      group,
    }
    const label = [value.label ?? []].flat().join('')
    if (!value.options?.length) {
      const answer = value.answer ?? label
      if (!answer) throw new ExamDataError(source.path, number, 'has neither options nor an answer')
      return { ...base, answers: [answer] }
    }
    const right = [...new Set(label.replace(/[^A-Z]/g, ''))].map((letter) => letters.indexOf(letter))
    if (right.length === 0 || right.some((at) => at >= (value.options?.length ?? 0)))
      throw new ExamDataError(source.path, number, `the label "${label}" names no option`)
    return { ...base, options: value.options.map(withoutLetter), right }
  })
}

const withoutLetter = (option: string) => option.replace(/^\s*[(（]?[A-Z][)）.、]\s*/, '').trim()

const gaokaoSchema = z.looseObject({
  example: z.array(
    z.looseObject({
      index: z.union([z.string(), z.number()]).optional(),
      question: z.string(),
      answer: z.array(z.string()),
      category: z.string().optional(),
    }),
  ),
})

/**
 * GAOKAO-Bench's objective questions (Zhang et al. 2023): one JSON object with `example`, whose questions hold their
 * options. One that asks for several letters in a row is cut into as many items; AGIEval's form is read too.
 */
export function readGaokao(source: Source): Item[] {
  if (!/"example"\s*:/.test(source.text.slice(0, 4000))) return readAgieval(source)
  let raw: unknown
  try {
    raw = JSON.parse(source.text)
  } catch (cause) {
    throw new ExamDataError(source.path, 0, 'is not JSON', { cause })
  }
  const group = subjectOf(source)
  return checked(source, 0, raw, gaokaoSchema).example.flatMap((example, i) =>
    example.answer.map((answer, part) => {
      const right = [...answer.replace(/[^A-G]/g, '')].map((letter) => letters.indexOf(letter))
      if (right.length === 0)
        throw new ExamDataError(source.path, 0, `example ${i}: the answer "${answer}" names no option`)
      const many = example.answer.length > 1 ? `（第 ${part + 1} 题）\n` : ''
      const options = [...letters.slice(0, Math.max(4, ...right.map((at) => at + 1)))]
      return {
        id: `${group}.${example.index ?? i}.${part + 1}`,
        question: `${many}${example.question.trim()}`,
        options,
        right,
        group,
      }
    }),
  )
}

const mcSchema = z.looseObject({
  question: z.string(),
  mc1_targets: z.record(z.string(), z.int()).optional(),
  mc2_targets: z.record(z.string(), z.int()).optional(),
})

/**
 * TruthfulQA (Lin et al. 2022): `mc_task.json`, an array of questions with `mc1_targets` and `mc2_targets` (the latter
 * are read: the first option is MC1's right one in either), or TruthfulQA.csv with lists of right and wrong answers.
 */
export function readTruthfulQa(source: Source): Item[] {
  if (/^\s*[[{]/.test(source.text)) return readTargets(source)
  return named(csvRows(source)).map(({ row, number }) => {
    const list = (cell = '') =>
      cell
        .split(';')
        .map((each) => each.trim())
        .filter(Boolean)
    const best = (row['Best Answer'] ?? '').trim()
    const good = [best, ...list(row['Correct Answers']).filter((each) => each !== best)].filter(Boolean)
    const bad = list(row['Incorrect Answers'])
    if (good.length === 0 || bad.length === 0)
      throw new ExamDataError(source.path, number, 'lacks right or wrong answers')
    return truths(String(number), row.Question ?? '', good, bad, row.Category)
  })
}

function readTargets(source: Source): Item[] {
  let raw: unknown
  try {
    raw = JSON.parse(source.text)
  } catch {
    raw = records(source, z.unknown()).map(({ value }) => value)
  }
  return checked(source, 0, raw, z.array(mcSchema)).map((value, i) => {
    const targets = Object.entries(value.mc2_targets ?? value.mc1_targets ?? {})
    const of = (truth: number) => targets.filter(([, label]) => label === truth).map(([option]) => option)
    if (of(1).length === 0 || of(0).length === 0)
      throw new ExamDataError(source.path, 0, `question ${i + 1} lacks right or wrong answers`)
    return truths(String(i + 1), value.question, of(1), of(0))
  })
}

/** At most 26 options, as letters go; the true ones come first, and the first of them is the best. */
function truths(id: string, question: string, good: string[], bad: string[], group?: string): Item {
  const kept = good.slice(0, 13)
  const options = [...kept, ...bad.slice(0, 26 - kept.length)]
  return { id, question, options, right: kept.map((_, i) => i), ...(group ? { group } : {}) }
}
