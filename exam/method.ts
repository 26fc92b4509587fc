/** A kind of task: how an item is asked, how an answer is marked, which figures come of the marks. */
import type { Likelihood, Written } from './examinee.ts'
import type { Figure, Mark } from './figures.ts'
import type { Item } from './item.ts'
import type { Task } from './task.ts'

/** All that came back for one item and seed; it is kept on disk, and marks are made of it anew. */
export interface Response {
  written?: Written[]
  scores?: Likelihood[][]
  /** Examples that were shown. */
  shots?: number
  /** The question fits into the window without any example neither. */
  tooLong?: boolean
}

/** Asks on behalf of a method: with fewer examples where all do not fit. */
export interface Asker {
  write(item: Item): Promise<Written>
  score(item: Item, continuations: readonly string[]): Promise<Likelihood[]>
  /** Without question and examples. */
  scoreAfter(beginning: string, continuations: readonly string[]): Promise<Likelihood[]>
}

/** Runs code that a model wrote. */
export type CheckCode = (program: string, tests: string) => Promise<{ passed: boolean; problem: string }>

export interface Method {
  /** What the item lacks for this kind; null where it has all. */
  lacks(item: Item): string | null
  ask(item: Item, task: Task, asker: Asker): Promise<Response>
  mark(item: Item, response: Response, task: Task, check: CheckCode): Marked | Promise<Marked>
  figures(marks: readonly Mark[], items: readonly Item[], task: Task): Figure[]
}

export type Marked = Omit<Mark, 'item' | 'seed' | 'group'>
