/** Readers of the published formats: each turns a file into items. What cannot be read is named with its line. */
import { statSync } from 'node:fs'
import type { Item } from './item.ts'
import { readBbq } from './readers/bbq.ts'
import { readAgieval, readGaokao, readMmlu, readTruthfulQa } from './readers/choices.ts'
import { clueReaders } from './readers/clue.ts'
import { type Source, unpack } from './readers/file.ts'
import { glueReaders } from './readers/glue.ts'
import { readPlain } from './readers/plain.ts'
import { readAdvBench, readXsTest } from './readers/safety.ts'
import { readGsm8k, readHumanEval, readMbpp } from './readers/solutions.ts'
import { readText } from './readers/text.ts'
import { dataPaths, type Format, type Task, TaskError } from './task.ts'

export { ExamDataError } from './readers/file.ts'

export type Reader = (source: Source) => Item[]

const readers: Record<Format, Reader> = {
  items: readPlain,
  ...glueReaders,
  ...clueReaders,
  mmlu: readMmlu,
  agieval: readAgieval,
  gaokao: readGaokao,
  gsm8k: readGsm8k,
  humaneval: readHumanEval,
  mbpp: readMbpp,
  truthfulqa: readTruthfulQa,
  xstest: readXsTest,
  advbench: readAdvBench,
  bbq: readBbq,
  text: readText,
}

/** The items of one file, plain or gzip. @throws ExamDataError naming file and line. */
export function readFile(path: string, task: Pick<Task, 'format' | 'labels' | 'window'>): Item[] {
  return readers[task.format]({ path, text: unpack(path), labels: task.labels, window: task.window })
}

export interface TaskItems {
  items: Item[]
  /** Examples to show before each question. */
  examples: Item[]
}

/**
 * A task's items and examples. The examples are the first of `shotsFrom`, or of the data, where they are taken out.
 * @throws TaskError where a file is missing or too few items are there.
 */
export function readTaskItems(task: Task, dataFolder?: string, limit?: number): TaskItems {
  const files = [task.data].flat().map((name) => located(task, name, dataFolder))
  const all = unique(files.flatMap((path) => readFile(path, task)))
  let examples: Item[] = []
  if (task.shots > 0 && task.shotsFrom !== undefined)
    examples = readFile(located(task, task.shotsFrom, dataFolder), task).slice(0, task.shots)
  else if (task.shots > 0) examples = all.splice(0, task.shots)
  if (examples.length < task.shots)
    throw new TaskError(`${task.name}: shots: ${task.shots} examples are wanted and ${examples.length} are there`)
  if (all.length === 0) throw new TaskError(`${task.name}: data: there are no items in ${files.join(', ')}`)
  const most = Math.min(task.limit ?? all.length, limit ?? all.length)
  return { items: spread(all, most), examples }
}

/** Whether all files of a task are here. */
export function taskDataIsHere(task: Task, dataFolder?: string): boolean {
  const names = [...[task.data].flat(), ...(task.shots > 0 && task.shotsFrom !== undefined ? [task.shotsFrom] : [])]
  return names.every((name) => dataPaths(task, name, dataFolder).some(isFile))
}

function located(task: Task, name: string, dataFolder: string | undefined): string {
  const places = dataPaths(task, name, dataFolder)
  const found = places.find(isFile)
  if (found !== undefined) return found
  throw new TaskError(`${task.name}: data: ${name} is not at ${places.join(' nor at ')}; say where with --data`)
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** `count` items at even distances: published files are often sorted by subject. */
function spread(items: readonly Item[], count: number): Item[] {
  if (count >= items.length) return [...items]
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)])
}

/** Files of several subjects may number their items alike; answers are kept by these names. */
function unique(items: readonly Item[]): Item[] {
  const seen = new Map<string, number>()
  return items.map((item) => {
    const count = (seen.get(item.id) ?? 0) + 1
    seen.set(item.id, count)
    return count === 1 ? item : { ...item, id: `${item.id}~${count}` }
  })
}
