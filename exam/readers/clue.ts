import { z } from 'zod'
import type { Item } from '../item.ts'
import { records, type Source } from './file.ts'
import { labelled } from './glue.ts'

/** CLUE's and FewCLUE's JSON lines (Xu et al. 2020, 2021). Items without an agreed label (`-`) are left out. */

const id = z.union([z.string(), z.number()]).optional()
const sentiment = z.looseObject({ id, sentence: z.string(), label: z.string() })
const sentencePair = z.looseObject({ id, sentence1: z.string(), sentence2: z.string(), label: z.string() })
const pronoun = z.looseObject({
  idx: id,
  text: z.string(),
  label: z.string(),
  target: z.looseObject({ span1_text: z.string(), span2_text: z.string() }),
})
const topic = z.looseObject({ id, content: z.string(), label: z.string() })

export const clueReaders = {
  'clue-eprstmt': (source: Source): Item[] =>
    records(source, sentiment).map(({ value, number }) => ({
      id: nameOf(value.id, number),
      question: value.sentence,
      fields: { sentence: value.sentence },
      ...labelled(source, number, value.label, ['Negative', 'Positive']),
    })),
  'clue-bustm': (source: Source) => readPairs(source, ['0', '1']),
  'clue-ocnli': (source: Source) => readPairs(source, ['contradiction', 'neutral', 'entailment']),
  'clue-cluewsc': (source: Source): Item[] =>
    records(source, pronoun).map(({ value, number }) => ({
      id: nameOf(value.idx, number),
      question: value.text,
      fields: { text: value.text, noun: value.target.span1_text, pronoun: value.target.span2_text },
      ...labelled(source, number, value.label, ['false', 'true']),
    })),
  /** Many classes: their names are what the file holds, or the task's labels. */
  'clue-csldcp': (source: Source): Item[] => {
    const rows = records(source, topic)
    const known = [...new Set(rows.map(({ value }) => value.label))].sort()
    return rows.map(({ value, number }) => ({
      id: nameOf(value.id, number),
      question: value.content,
      fields: { content: value.content },
      ...labelled(source, number, value.label, known),
    }))
  },
}

function readPairs(source: Source, known: readonly string[]): Item[] {
  return records(source, sentencePair)
    .filter(({ value }) => value.label !== '-')
    .map(({ value, number }) => ({
      id: nameOf(value.id, number),
      question: `${value.sentence1}\n${value.sentence2}`,
      fields: { sentence1: value.sentence1, sentence2: value.sentence2 },
      ...labelled(source, number, value.label, known),
    }))
}

const nameOf = (given: string | number | undefined, line: number) => String(given ?? line)
