import { type Figure, type Mark, meanFigure, statisticFigure } from '../figures.ts'
import type { Item } from '../item.ts'
import { numberIn } from '../marking.ts'
import { accuracy, f1, matthews, pearson, type Sorted, spearman } from '../measures.ts'
import type { Asker, Marked, Method, Response } from '../method.ts'
import { gapOf, wordsOf } from '../questions.ts'
import { mean } from '../statistics.ts'
import { type Task, TaskError } from '../task.ts'
import { askChoice, chosenIn, rightNames, softmax } from './choose.ts'

/** Labels in words, as GLUE and CLUE are asked in plain language. */
export const classification: Method = {
  lacks: (item) => (item.options && item.right ? null : 'options and right'),
  ask: askChoice,
  mark: (item, response, task): Marked => {
    const chosen = chosenIn(item, task, response)
    const right = item.right?.[0] ?? -1
    const values = Object.fromEntries(
      Object.entries(chosen.by).map(([name, option]) => [name, Number(option === right)]),
    )
    return {
      value: Number(chosen.option === right),
      said: chosen.said,
      right: rightNames(item),
      values,
      sorted: { right, said: chosen.option },
    }
  },
  figures: classFigures,
}

const sortedOf = (marks: readonly Mark[]): Sorted[] => marks.flatMap(({ sorted }) => (sorted ? [sorted] : []))

function classFigures(marks: readonly Mark[], items: readonly Item[], task: Task): Figure[] {
  const classes = Math.max(...items.map(({ options = [] }) => options.length))
  const counts = Array.from({ length: classes }, (_, c) => items.filter(({ right }) => right?.[0] === c).length)
  const shares = counts.map((count) => count / items.length)
  const main = (name: string) => task.metric === name
  const of = (statistic: (pairs: readonly Sorted[]) => number) => (some: readonly Mark[]) => statistic(sortedOf(some))
  const figures = [
    meanFigure(marks, ({ value }) => value, { name: 'accuracy', chance: 1 / classes, main: main('accuracy') }),
    // A classifier that has learnt nothing but the commonest label reaches this.
    statisticFigure(
      marks,
      of((pairs) => accuracy(pairs.map(({ right }) => ({ right, said: commonest(counts) })))),
      {
        name: 'commonest-label',
        chance: 1 / classes,
        unit: 'share',
      },
    ),
    statisticFigure(
      marks,
      of((pairs) => matthews(pairs, classes)),
      { name: 'matthews', chance: 0, main: main('matthews') },
    ),
  ]
  if (classes === 2) {
    const positive = positiveOf(task)
    // A coin finds half of the positive, and among what it says they are as frequent as everywhere.
    const chance = shares[positive] === 0 ? 0 : (2 * shares[positive] * 0.5) / (shares[positive] + 0.5)
    figures.push(
      statisticFigure(
        marks,
        of((pairs) => f1(pairs, positive)),
        { name: 'f1', chance, unit: 'share', main: main('f1') },
      ),
    )
  } else {
    const each = shares.map((share) => (2 * share) / classes / (share + 1 / classes))
    const macro = (pairs: readonly Sorted[]) => mean(shares.map((_, c) => f1(pairs, c)))
    figures.push(
      statisticFigure(marks, of(macro), { name: 'macro-f1', chance: mean(each), unit: 'share', main: main('f1') }),
    )
  }
  return figures
}

const commonest = (counts: readonly number[]) => counts.indexOf(Math.max(...counts))

/** The number of the label that F1 is about. */
function positiveOf(task: Task): number {
  if (task.positive === undefined) return 1
  const at = Object.keys(task.labels ?? {}).indexOf(task.positive)
  if (at < 0) throw new TaskError(`${task.name}: positive: "${task.positive}" is none of the labels`)
  return at
}

const ratings = ['0', '1', '2', '3', '4', '5']

/** A number to be rated, as STS-B's likeness of two sentences: what is expected over the digits, or the number written. */
export const rating: Method = {
  lacks: (item) => (item.score === undefined ? 'score' : null),
  async ask(item: Item, task: Task, asker: Asker): Promise<Response> {
    if (task.by === 'words') return { written: [await asker.write(item)] }
    const gap = gapOf(wordsOf(item, task), task)
    return {
      scores: [
        await asker.score(
          item,
          ratings.map((digit) => gap + digit),
        ),
      ],
    }
  },
  mark(item, response): Marked {
    const right = String(item.score)
    if (response.written) {
      const said = numberIn(response.written[0].text)
      const pair = said === null ? undefined : ([said, item.score as number] as const)
      return { value: null, said: response.written[0].text, right, pair, ...(pair ? {} : { note: 'no number' }) }
    }
    const shares = softmax((response.scores?.[0] ?? []).map(({ logprob }) => logprob))
    const said = shares.reduce((sum, share, digit) => sum + share * digit, 0)
    return { value: null, said: said.toFixed(3), right, pair: [said, item.score as number] }
  },
  figures(marks, _items, task): Figure[] {
    const rated = marks.filter(({ pair }) => pair)
    const of = (statistic: typeof pearson) => (some: readonly Mark[]) =>
      statistic(some.flatMap(({ pair }) => (pair ? [pair] : [])))
    const main = task.metric === 'pearson' ? 'pearson' : 'spearman'
    return [
      statisticFigure(rated, of(pearson), { name: 'pearson', chance: 0, main: main === 'pearson' }),
      statisticFigure(rated, of(spearman), { name: 'spearman', chance: 0, main: main === 'spearman' }),
    ]
  },
}
