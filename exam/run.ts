/** An exam: tasks, examinees, answers on disk, marks, figures. What was answered already is not asked again. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContaminationReport } from './contamination.ts'
import type { Examinee } from './examinee.ts'
import { differenceFigure, type Figure, type Mark } from './figures.ts'
import type { Item } from './item.ts'
import { Journal, keyOf } from './journal.ts'
import { type Judge, judgePairs, tooLongNote, winRate } from './judging.ts'
import type { Response } from './method.ts'
import { methods } from './methods.ts'
import { readTaskItems } from './readers.ts'
import { askerFor, TooLong } from './run/asker.ts'
import { Sandbox } from './sandbox.ts'
import { seedsOf, type Task, TaskError } from './task.ts'

export interface ExamOptions {
  tasks: readonly Task[]
  /** One, or two that are compared. */
  examinees: readonly Examinee[]
  /** Where the journal lies. */
  folder: string
  dataFolder?: string
  /** Most items of each task. */
  limit?: number
  /** Questions asked at the same time (default 16). */
  concurrency?: number
  /** For tasks of preference. */
  judge?: Judge
  contamination?: ContaminationReport
  onProgress?: (progress: ExamProgress) => void
  signal?: AbortSignal
}

export interface ExamProgress {
  task: string
  examinee: string
  /** Answers of the whole exam. */
  done: number
  of: number
  /** Of these, those that the journal held. */
  kept: number
}

export interface TaskResult {
  task: string
  title: { en: string; zh: string } | null
  kind: Task['kind']
  language: Task['language']
  examinee: string
  items: number
  figures: Figure[]
  /** The main figure's value in each group of items. */
  groups: { name: string; figure: Figure }[]
  /** Questions that do not fit into the window, which count as wrong; those asked with fewer examples than wanted. */
  tooLong: number
  fewerShots: number
  /** Items that training documents hold a part of; null where nothing was checked. */
  contaminated: number | null
  /** Items that could not be asked or marked, with the reasons. */
  unmarked: { reason: string; items: number }[]
  marks: Mark[]
}

export interface ExamResult {
  format: 'dotline-exam'
  version: 1
  examinees: string[]
  results: TaskResult[]
  /** First against second, on the same items. */
  comparisons: { task: string; figures: Figure[]; marks: Mark[] }[]
  contamination: {
    documents: number
    checked: number
    tooShort: number
    found: { key: string; share: number; origin: string }[]
  } | null
}

/** A task's items that its kind can ask. */
export interface PreparedTask {
  task: Task
  items: Item[]
  examples: Item[]
  lacking: { reason: string; items: number }[]
}

/** @throws TaskError where a task has no item that can be asked. */
export function prepareTasks(tasks: readonly Task[], dataFolder?: string, limit?: number): PreparedTask[] {
  const names = new Set<string>()
  return tasks.map((task) => {
    if (names.has(task.name)) throw new TaskError(`two tasks are called ${task.name}: give one another name`)
    names.add(task.name)
    const { items, examples } = readTaskItems(task, dataFolder, limit)
    const lacks = new Map<string, number>()
    const usable = items.filter((item) => {
      const lacked = methods[task.kind].lacks(item)
      if (lacked !== null) lacks.set(lacked, (lacks.get(lacked) ?? 0) + 1)
      return lacked === null
    })
    const lacking = [...lacks].map(([lacked, count]) => ({ reason: `needs ${lacked}`, items: count }))
    if (usable.length === 0)
      throw new TaskError(`${task.name}: a task of kind "${task.kind}" ${lacking[0].reason}; no item has it`)
    return { task, items: usable, examples, lacking }
  })
}

/** How the contamination check names an item. */
export const itemKey = (task: Task, item: Item): string => `${task.name}/${item.id}`

interface Unit {
  prepared: PreparedTask
  examinee: Examinee
  item: Item
  seed: number
  key: string
}

/** Asks all there is to ask, marks it and sums it up. @throws what an examinee throws; answers so far stay on disk. */
export async function runExam(options: ExamOptions): Promise<ExamResult> {
  const { tasks, examinees, folder, dataFolder, limit, judge, signal = new AbortController().signal } = options
  const prepared = prepareTasks(tasks, dataFolder, limit)
  for (const { task } of prepared)
    if (task.kind === 'preference' && (examinees.length < 2 || !judge))
      throw new TaskError(
        `${task.name}: a task of kind "preference" needs two models and a judge; name them with --against and --judge`,
      )
  mkdirSync(folder, { recursive: true })
  const journal = new Journal(join(folder, 'answers.jsonl'))
  const sandbox = new Sandbox()
  try {
    const units = prepared.flatMap((one) => examinees.flatMap((examinee) => unitsOf(one, examinee)))
    await askAll(units, journal, options, signal)
    const results: TaskResult[] = []
    for (const one of prepared)
      for (const examinee of examinees) results.push(await resultOf(one, examinee, units, journal, sandbox, options))
    const comparisons = examinees.length < 2 ? [] : await compare(prepared, examinees, results, judge, signal)
    return {
      format: 'dotline-exam',
      version: 1,
      examinees: examinees.map(({ name }) => name),
      results,
      comparisons,
      contamination: contaminationOf(options.contamination),
    }
  } finally {
    journal.close()
    await sandbox.close()
  }
}

function unitsOf(prepared: PreparedTask, examinee: Examinee): Unit[] {
  const { task, items } = prepared
  return seedsOf(task).flatMap((seed) =>
    items.map((item) => ({
      prepared,
      examinee,
      item,
      seed,
      key: keyOf(examinee.fingerprint, task.source, JSON.stringify(item), seed),
    })),
  )
}

async function askAll(
  units: readonly Unit[],
  journal: Journal,
  options: ExamOptions,
  signal: AbortSignal,
): Promise<void> {
  const waiting = units.filter(({ key }) => !journal.get(key))
  const kept = units.length - waiting.length
  let [next, done] = [0, kept]
  // The first failure ends the exam: what others are being asked is given up.
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  const work = async () => {
    while (next < waiting.length && !either.aborted) {
      const unit = waiting[next++]
      journal.add(unit.key, await ask(unit, either))
      options.onProgress?.({
        task: unit.prepared.task.name,
        examinee: unit.examinee.name,
        done: ++done,
        of: units.length,
        kept,
      })
    }
  }
  const workers = Array.from({ length: Math.min(options.concurrency ?? 16, waiting.length) }, () =>
    work().catch((error: unknown) => {
      failure.abort()
      throw error
    }),
  )
  const outcomes = await Promise.allSettled(workers)
  signal.throwIfAborted()
  const failed = outcomes.find((outcome) => outcome.status === 'rejected' && !isAbort(outcome.reason))
  if (failed?.status === 'rejected') throw failed.reason
}

const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError'

async function ask(
  { prepared: { task, examples }, examinee, item, seed }: Unit,
  signal: AbortSignal,
): Promise<Response> {
  const asker = askerFor(examinee, task, examples, seed, signal)
  try {
    const response = await methods[task.kind].ask(item, task, asker)
    return asker.shots < task.shots ? { ...response, shots: asker.shots } : response
  } catch (error) {
    if (error instanceof TooLong) return { tooLong: true, shots: 0 }
    throw error
  }
}

async function resultOf(
  { task, items, lacking }: PreparedTask,
  examinee: Examinee,
  units: readonly Unit[],
  journal: Journal,
  sandbox: Sandbox,
  { contamination }: ExamOptions,
): Promise<TaskResult> {
  const method = methods[task.kind]
  const marks: Mark[] = []
  for (const { item, seed, key, prepared, examinee: whose } of units) {
    if (prepared.task !== task || whose !== examinee) continue
    const response = journal.get(key)
    if (!response) throw new Error(`no answer was kept for ${item.id}`)
    const contaminated = contamination?.overlaps.has(itemKey(task, item))
    const about = { item: item.id, seed, group: item.group ?? null, ...(contaminated ? { contaminated } : {}) }
    if (response.tooLong) marks.push({ ...about, value: scoreOfNone(task), said: '', right: '', note: tooLongNote })
    else {
      const check = (program: string, tests: string) => sandbox.check(program, tests)
      const shots = response.shots === undefined ? {} : { shots: response.shots }
      marks.push({ ...about, ...(await method.mark(item, response, task, check)), ...shots })
    }
  }
  const asked = marks.filter(({ note }) => note !== tooLongNote || scoreOfNone(task) !== null)
  const figures = method.figures(asked, items, task)
  const clean = asked.filter((mark) => !mark.contaminated)
  if (clean.length < asked.length && clean.length > 0)
    figures.push(
      ...method
        .figures(clean, items, task)
        .filter(({ main }) => main)
        .map((figure) => ({ ...figure, name: `${figure.name}.clean`, main: false })),
    )
  return {
    task: task.name,
    title: task.title ?? null,
    kind: task.kind,
    language: task.language,
    examinee: examinee.name,
    items: items.length,
    figures,
    groups: groupsOf(asked, items, task),
    tooLong: marks.filter(({ note }) => note === tooLongNote).length,
    fewerShots: marks.filter(({ shots }) => shots !== undefined).length,
    contaminated: contamination
      ? new Set(marks.filter((mark) => mark.contaminated).map(({ item }) => item)).size
      : null,
    unmarked: [...lacking, ...unmarkedOf(marks)],
    marks,
  }
}

/** A question that does not fit is not answered; only figures that know no wrong answers leave it out. */
const scoreOfNone = (task: Task): number | null =>
  task.kind === 'perplexity' || task.kind === 'rating' || task.kind === 'preference' ? null : 0

function unmarkedOf(marks: readonly Mark[]): { reason: string; items: number }[] {
  const reasons = new Map<string, number>()
  for (const { value, note, pair } of marks)
    if (value === null && !pair && note !== undefined && note !== tooLongNote)
      reasons.set(note, (reasons.get(note) ?? 0) + 1)
  return [...reasons].map(([reason, items]) => ({ reason, items }))
}

function groupsOf(marks: readonly Mark[], items: readonly Item[], task: Task): TaskResult['groups'] {
  const names = [...new Set(items.map(({ group }) => group ?? ''))].filter(Boolean).sort()
  if (names.length < 2 || names.length > 100) return []
  return names.flatMap((name) => {
    const some = items.filter(({ group }) => group === name)
    const figure = methods[task.kind]
      .figures(
        marks.filter(({ group }) => group === name),
        some,
        task,
      )
      .find(({ main }) => main)
    return figure ? [{ name, figure }] : []
  })
}

async function compare(
  prepared: readonly PreparedTask[],
  [first, second]: readonly Examinee[],
  results: readonly TaskResult[],
  judge: Judge | undefined,
  signal: AbortSignal,
): Promise<ExamResult['comparisons']> {
  const comparisons: ExamResult['comparisons'] = []
  for (const { task, items } of prepared) {
    const marksOf = (examinee: Examinee, at: number) =>
      results.filter((result) => result.task === task.name)[at]?.marks ??
      results.find((result) => result.examinee === examinee.name)?.marks ??
      []
    const [a, b] = [marksOf(first, 0), marksOf(second, 1)]
    if (task.kind === 'preference' && judge) {
      const marks = await judgePairs(items, a, b, task, judge, signal)
      comparisons.push({ task: task.name, figures: winRate(marks), marks })
    } else if (a.some(({ value }) => value !== null))
      comparisons.push({ task: task.name, figures: [differenceFigure(a, b, 'difference')], marks: [] })
  }
  return comparisons
}

function contaminationOf(report: ContaminationReport | undefined): ExamResult['contamination'] {
  if (!report) return null
  const { documents, checked, tooShort, overlaps } = report
  return { documents, checked, tooShort, found: [...overlaps].map(([key, overlap]) => ({ key, ...overlap })) }
}
