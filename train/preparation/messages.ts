/** What the thread that prepares data is told, and what it says. */
import type { PrepareProgress } from '#data/prepare'
import type { RunConfig } from '../run-config.ts'

export interface PreparationTask {
  run: RunConfig
  folder: string
  base: string
}

export type PreparationNews =
  | { kind: 'tokenizer'; done: number; total: number }
  | { kind: 'corpus'; progress: PrepareProgress }
  | { kind: 'done' }
