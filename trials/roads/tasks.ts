/** GLUE and FewCLUE for a head: their texts as tokens, their labels as numbers, and the figures that published tables have. */
import { basename, dirname, join, resolve } from 'node:path'
import type { Figure, Mark } from '#exam/figures'
import type { Item } from '#exam/item'
import { methods } from '#exam/methods'
import { readFile } from '#exam/readers'
import { readTask, type Task } from '#exam/task'
import { endOfText } from '#model/chat'
import type { Tokenizer } from '#model/tokenizer'
import type { LabelledText } from '#train/fine-tuning'

export interface HeadTask {
  task: Task
  /** Classes; 1 for a number. */
  outputs: number
  train: Item[]
  test: Item[]
}

/** A task of recipes/exam with the part of its data that is for training; at most so many items of each part, in their order. */
export function headTask(path: string, most: { train: number; test: number }): HeadTask {
  const task = readTask(path)
  const file = resolve(dirname(path), [task.data].flat()[0])
  const training = join(dirname(file), basename(file).replace(/-(dev|test)\./, '-train.'))
  const train = readFile(training, task).slice(0, most.train)
  const test = readFile(file, task).slice(0, most.test)
  const outputs = task.kind === 'rating' ? 1 : Math.max(...test.map(({ options = [] }) => options.length))
  return { task, outputs, train, test }
}

/** All texts of an item, each ended as documents are. */
export function idsOf(item: Item, tokenizer: Tokenizer): Uint32Array {
  const end = tokenizer.specialTokens.get(endOfText) ?? 0
  const texts = Object.values(item.fields ?? { question: item.question })
  return Uint32Array.from(texts.flatMap((text) => [...tokenizer.encode(text), end]))
}

/** Numbers are learnt from 0 to 1: STS-B's likeness goes from 0 to 5. */
export const labelled = (item: Item, tokenizer: Tokenizer): LabelledText => ({
  ids: idsOf(item, tokenizer),
  label: item.score === undefined ? (item.right?.[0] ?? 0) : item.score / 5,
})

/** The figures of a task from what a head said, as its examination in plain language has them. */
export function figuresOf({ task, outputs, test }: HeadTask, said: readonly Float32Array[]): Figure[] {
  const marks = test.map((item, i): Mark => {
    const common = { item: item.id, seed: 1, group: null }
    if (outputs === 1) {
      const value = 5 * said[i][0]
      const pair = [value, item.score as number] as const
      return { ...common, value: null, said: value.toFixed(3), right: String(item.score), pair }
    }
    const chosen = said[i].indexOf(Math.max(...said[i]))
    const right = item.right?.[0] ?? -1
    const names = item.options ?? []
    const sorted = { right, said: chosen }
    return { ...common, value: Number(chosen === right), said: names[chosen], right: names[right] ?? '', sorted }
  })
  return methods[task.kind].figures(marks, test, task)
}
