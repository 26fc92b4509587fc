import { type Figure, type Mark, meanFigure } from '../figures.ts'
import type { Item } from '../item.ts'
import type { Marked, Method, Response } from '../method.ts'
import { mean } from '../statistics.ts'
import { normalisations, type Task } from '../task.ts'
import { askChoice, chosenIn, rightNames } from './choose.ts'

/** One of several options, by likelihood or in words. */
export const choice: Method = {
  lacks: (item) => (item.options && item.right ? null : 'options and right'),
  ask: askChoice,
  mark: markChoice,
  figures: choiceFigures,
}

export function markChoice(item: Item, response: Response, task: Task): Marked {
  const right = item.right ?? []
  const rightText = rightNames(item)
  const truthful = task.format === 'truthfulqa' && response.scores !== undefined
  if (right.length > 1 && response.scores && !truthful)
    return { value: null, said: '', right: rightText, note: 'several options are right: ask in words' }
  // MC1 of TruthfulQA: the best answer against the wrong ones; other right answers do not take part.
  const chosen = chosenIn(item, task, response, truthful ? (at) => at === right[0] || !right.includes(at) : undefined)
  const hit = (option: number) => Number(option === right[0])
  const value = response.written && right.length > 1 ? Number(sameSet(chosen.options, right)) : hit(chosen.option)
  const values = Object.fromEntries(Object.entries(chosen.by).map(([name, option]) => [name, hit(option)]))
  if (truthful && chosen.shares) values.mc2 = right.reduce((sum, at) => sum + (chosen.shares?.[at] ?? 0), 0)
  return { value, said: chosen.said, right: rightText, values }
}

const sameSet = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && b.every((each) => a.includes(each))

/** The share of right answers that guessing reaches. */
export function chanceOf(items: readonly Item[], task: Task): number {
  return mean(
    items.map(({ options = [], right = [] }) =>
      task.format === 'truthfulqa' ? 1 / (options.length - right.length + 1) : 1 / Math.max(1, options.length),
    ),
  )
}

export function choiceFigures(marks: readonly Mark[], items: readonly Item[], task: Task): Figure[] {
  const chance = chanceOf(items, task)
  const figures = [meanFigure(marks, ({ value }) => value, { name: 'accuracy', chance, main: true })]
  if (task.by === 'likelihood')
    for (const each of normalisations)
      if (marks.some(({ values }) => values?.[each] !== undefined))
        figures.push(meanFigure(marks, ({ values }) => values?.[each], { name: `accuracy.${each}`, chance }))
  if (marks.some(({ values }) => values?.mc2 !== undefined)) {
    const guess = mean(items.map(({ options = [], right = [] }) => right.length / options.length))
    figures.push(meanFigure(marks, ({ values }) => values?.mc2, { name: 'mc2', chance: guess }))
  }
  return figures
}
