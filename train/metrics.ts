/** A run's metrics: one JSON object a line, in the order of steps. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { writeDurably } from '#data/durable'
import type { RetrievalScore } from './embed/recall.ts'
import type { Score } from './evaluation.ts'
import type { FlightRecord, Mark } from './flight-recorder.ts'
import type { PreferenceScore } from './preference/score.ts'

export interface StepMetrics {
  kind: 'step'
  step: number
  tokens: number
  /** Mean −log p of the step's learned tokens, or of its pairs' order, in nats. */
  loss: number
  /** Of rankings: mean scores (rewards; with DPO implicit ones) of better and worse answers, and the pairs in the right order. */
  preference?: { chosen: number; rejected: number; margin: number; accuracy: number }
  /** Of an embedding model: the share of texts whose partner it tells from the batch’s others. */
  told?: number
  /** Of a policy that learns from its own answers: what the flight recorder keeps, and how the iteration went. */
  flight?: FlightRecord & {
    klCoefficient: number
    /** Mean divergence of a whole answer, in nats. */
    klOfAnswer: number
    /** Share of the answers that ended by themselves. */
    ended: number
    /** Loss on text that is mixed in, nats a token. */
    text: number
    stoppedByKl: boolean
    /** Of the iteration's time. */
    rolloutShare: number
    rolloutTokensPerSecond: number
    mark?: Mark
  }
  gradientNorm: number
  learningRate: number
  tokensPerSecond: number
  /**
   * Model FLOPs per second as a share of what this machine reaches on products in its cache. Above 1 where that was
   * measured while the machine was busy.
   */
  utilisation: number
  seconds: number
}

export interface EvaluationMetrics {
  kind: 'evaluation'
  step: number
  tokens: number
  seconds: number
  scores: Record<string, Score>
  /** Held-out pairs, by source. */
  preferences?: Record<string, PreferenceScore>
  /** Of an embedding model: neighbours found among held-out passages, by source. */
  retrieval?: Record<string, RetrievalScore>
  /** Answers to held-out prompts: their reward, and what the rules say where there are some. */
  answers?: AnswerScore
}

export interface AnswerScore {
  prompts: number
  reward: number
  /** Share of answers of which all rules hold; null where no prompt has any. */
  exam: number | null
  kl: number
  length: number
  repetition: number
  mark?: Mark
}

export interface SampleMetrics {
  kind: 'sample'
  step: number
  prompt: string
  text: string
}

export type Metrics = StepMetrics | EvaluationMetrics | SampleMetrics

/** Every whole line; a line that a kill cut short is left out. */
export function readMetrics(path: string): Metrics[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Metrics)
}

export class MetricsFile {
  readonly path: string

  /** Opens the file and drops what was written after `step`: those steps are made again. */
  constructor(path: string, step: number) {
    this.path = path
    const kept = readMetrics(path).filter((m) => m.step <= step)
    if (existsSync(path)) writeDurably(path, kept.map((m) => `${JSON.stringify(m)}\n`).join(''))
  }

  add(metrics: Metrics): void {
    appendFileSync(this.path, `${JSON.stringify(metrics)}\n`)
  }
}
