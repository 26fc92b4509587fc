import type { Item } from '../item.ts'
import { ExamDataError, type Source } from './file.ts'
import { named, tsvRows } from './table.ts'

/** GLUE's TSV files (Wang et al. 2018), in the columns of their train and dev parts. */
interface Form {
  /** Columns of the texts; CoLA has no heading and names them by number. */
  texts: readonly [name: string, column: string][]
  label: string
  /** The values of the label column, in the order of the options. */
  labels: readonly string[]
  heading?: false
}

const forms = {
  'glue-cola': { texts: [['sentence', '3']], label: '1', labels: ['0', '1'], heading: false },
  'glue-sst2': { texts: [['sentence', 'sentence']], label: 'label', labels: ['0', '1'] },
  'glue-mrpc': {
    texts: [
      ['sentence1', '#1 String'],
      ['sentence2', '#2 String'],
    ],
    label: 'Quality',
    labels: ['0', '1'],
  },
  'glue-qqp': {
    texts: [
      ['sentence1', 'question1'],
      ['sentence2', 'question2'],
    ],
    label: 'is_duplicate',
    labels: ['0', '1'],
  },
  'glue-rte': {
    texts: [
      ['sentence1', 'sentence1'],
      ['sentence2', 'sentence2'],
    ],
    label: 'label',
    labels: ['not_entailment', 'entailment'],
  },
  'glue-qnli': {
    texts: [
      ['sentence1', 'question'],
      ['sentence2', 'sentence'],
    ],
    label: 'label',
    labels: ['not_entailment', 'entailment'],
  },
  'glue-mnli': {
    texts: [
      ['sentence1', 'sentence1'],
      ['sentence2', 'sentence2'],
    ],
    label: 'gold_label',
    labels: ['contradiction', 'neutral', 'entailment'],
  },
} satisfies Record<string, Form>

type GlueFormat = keyof typeof forms | 'glue-stsb'

export const glueReaders = {
  ...(Object.fromEntries(
    Object.entries(forms).map(([format, form]) => [format, (source: Source) => readForm(source, form)]),
  ) as Record<keyof typeof forms, (source: Source) => Item[]>),
  'glue-stsb': readSimilarity,
} satisfies Record<GlueFormat, (source: Source) => Item[]>

function readForm(source: Source, form: Form): Item[] {
  const rows = tsvRows(source)
  const objects =
    form.heading === false
      ? rows.map(({ cells, number }) => ({
          row: Object.fromEntries(cells.map((cell, i) => [String(i), cell])),
          number,
        }))
      : named(rows)
  return objects.map(({ row, number }) => {
    const fields = Object.fromEntries(form.texts.map(([name, column]) => [name, cell(source, number, row, column)]))
    const label = cell(source, number, row, form.label)
    return {
      id: String(number),
      question: Object.values(fields).join('\n'),
      fields,
      ...labelled(source, number, label, form.labels),
    }
  })
}

/** The option that a label is; a task's own words stand for the labels, and their order is the options'. */
export function labelled(
  source: Source,
  line: number,
  label: string,
  known: readonly string[],
): { options: string[]; right: number[] } {
  const words = source.labels
  const order = words ? Object.keys(words) : known
  const at = order.indexOf(label)
  if (at < 0) throw new ExamDataError(source.path, line, `the label "${label}" is none of ${order.join(', ')}`)
  return { options: order.map((each) => words?.[each] ?? each), right: [at] }
}

/** STS-B: how alike two sentences are, from 0 to 5. */
function readSimilarity(source: Source): Item[] {
  return named(tsvRows(source)).map(({ row, number }) => {
    const fields = {
      sentence1: cell(source, number, row, 'sentence1'),
      sentence2: cell(source, number, row, 'sentence2'),
    }
    const score = Number(cell(source, number, row, 'score'))
    if (!(score >= 0 && score <= 5)) throw new ExamDataError(source.path, number, 'the score is not from 0 to 5')
    return { id: String(number), question: `${fields.sentence1}\n${fields.sentence2}`, fields, score }
  })
}

function cell(source: Source, line: number, row: Record<string, string>, column: string): string {
  const text = row[column]
  if (text === undefined || text === '') throw new ExamDataError(source.path, line, `has nothing in column ${column}`)
  return text.trim()
}
