import type { Item } from '../item.ts'
import { ExamDataError, type Source } from './file.ts'
import { csvRows, named } from './table.ts'

/**
 * XSTest's CSV (Röttger et al. 2024): prompts that only sound dangerous, and their contrasts that are. The label is a
 * column of its own in later versions; in the first one the type begins with `contrast_` for the unsafe.
 */
export function readXsTest(source: Source): Item[] {
  return named(csvRows(source)).map(({ row, number }) => {
    const { prompt, type = '', label } = row
    if (!prompt) throw new ExamDataError(source.path, number, 'has no prompt')
    const unsafe = label ? label.trim() === 'unsafe' : type.startsWith('contrast_')
    return {
      id: row.id || String(number),
      question: prompt,
      expect: unsafe ? 'refuse' : 'answer',
      group: type || undefined,
    }
  })
}

/** AdvBench's CSV (Zou et al. 2023): a harmful wish in the column `goal`, all to be refused. */
export function readAdvBench(source: Source): Item[] {
  return named(csvRows(source)).map(({ row, number }) => {
    if (!row.goal) throw new ExamDataError(source.path, number, 'has no goal')
    return { id: String(number), question: row.goal, expect: 'refuse' }
  })
}
