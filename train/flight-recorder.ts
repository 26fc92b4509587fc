/**
 * Watches a run: what it records of each iteration, and when it says that something goes wrong. All thresholds stand in
 * `flight-recorder/thresholds.ts`. It keeps no state of its own beyond what it is told: a resumed run tells it again.
 */
import type { Thresholds } from './flight-recorder/thresholds.ts'

export type { Thresholds } from './flight-recorder/thresholds.ts'

/** What is recorded of an iteration. */
export interface FlightRecord {
  step: number
  loss: number
  gradientNorm: number
  /** Nats from the starting policy, a token. */
  kl: number
  entropy: number
  /** Mean of the scores of whole answers, and their deviation. */
  reward: number
  spread: number
  /** Tokens of an answer. */
  length: number
  clipFraction: number
  explainedVariance: number
  /** Share of tokens that repeat three said before in the answer. */
  repetition: number
}

/** What the examiner says of the policy, beside what its reward says. */
export interface ExamRecord {
  step: number
  reward: number
  /** Share of right answers by the rules. */
  exam: number
  answers: number
}

export type FailureKind = 'nan' | 'kl' | 'entropy' | 'length' | 'spread' | 'repetition' | 'divergence' | 'frozen'

/** One thing that goes wrong, at a step. */
export interface Mark {
  kind: FailureKind
  step: number
  reason: string
}

/** A run was stopped because it goes wrong; the message says why, and where it stands. */
export class FlightError extends Error {
  override name = 'FlightError'
  readonly mark: Mark

  constructor(mark: Mark, kept: string) {
    super(`step ${mark.step}: ${mark.reason}. ${kept}`)
    this.mark = mark
  }
}

type Judged = (record: FlightRecord, base: FlightRecord, limits: Thresholds) => string | null

const figure = (value: number): string => Number(value.toPrecision(3)).toString()

const judges: Record<Exclude<FailureKind, 'nan' | 'divergence' | 'frozen'>, Judged> = {
  kl: ({ kl }, _base, limits) =>
    kl > limits.kl
      ? `the policy has run away: ${figure(kl)} nats a token from where it started, the limit is ${limits.kl}; raise klCoefficient or lower the learning rate`
      : null,
  entropy: ({ entropy }, base, limits) =>
    entropy < limits.entropy * base.entropy
      ? `the entropy has collapsed to ${figure(entropy)} from ${figure(base.entropy)} nats a token; raise klCoefficient or entropyWeight, or lower the learning rate`
      : null,
  length: ({ length }, base, limits) =>
    length > limits.length * base.length || length * limits.length < base.length
      ? `answers have drifted to ${figure(length)} from ${figure(base.length)} tokens; look at what the reward says of length, or set tokenPenalty or noEndPenalty`
      : null,
  spread: ({ spread }, _base, limits) =>
    spread <= limits.spread
      ? 'all answers have the same score, so there is nothing to learn from; use graded rewards, more samples or other prompts'
      : null,
  repetition: ({ repetition }, _base, limits) =>
    repetition > limits.repetition
      ? `${Math.round(repetition * 100)} % of the tokens repeat what the answer said before; raise klCoefficient`
      : null,
}

export class FlightRecorder {
  readonly marks: Mark[] = []
  private readonly limits: Thresholds
  private readonly records: FlightRecord[] = []
  private readonly exams: ExamRecord[] = []
  private readonly passed = new Map<FailureKind, number>()

  constructor(limits: Thresholds) {
    this.limits = limits
  }

  /** Whether no limit is passed at the moment, not even for the first time. */
  get sound(): boolean {
    return [...this.passed.values()].every((times) => times === 0)
  }

  /** Records an iteration; returns what is wrong now, the gravest first. */
  record(record: FlightRecord): Mark | null {
    const broken = nonsense(record)
    if (broken) return this.mark('nan', record.step, broken)
    this.records.push(record)
    const { baseline, patience } = this.limits
    const base = meanOf(this.records.slice(0, baseline))
    for (const [kind, judge] of Object.entries(judges) as [keyof typeof judges, Judged][]) {
      const reason = this.records.length > baseline || kind === 'spread' ? judge(record, base, this.limits) : null
      const times = reason === null ? 0 : (this.passed.get(kind) ?? 0) + 1
      this.passed.set(kind, times)
      if (reason !== null && times >= patience) return this.mark(kind, record.step, reason)
    }
    return null
  }

  /** Records an examination: the reward must not rise while the exam falls. */
  examine(exam: ExamRecord): Mark | null {
    this.exams.push(exam)
    const best = this.exams.reduce((a, b) => (b.exam > a.exam ? b : a))
    const error = Math.sqrt((best.exam * (1 - best.exam)) / best.answers + (exam.exam * (1 - exam.exam)) / exam.answers)
    if (exam.reward <= best.reward || best.exam - exam.exam <= this.limits.divergence * error) return null
    const share = (value: number) => `${(value * 100).toFixed(1)} %`
    return this.mark(
      'divergence',
      exam.step,
      `the reward rises while the exam falls: ${share(exam.exam)} right, ${share(best.exam)} at step ${best.step}; the reward is being gamed`,
    )
  }

  private mark(kind: FailureKind, step: number, reason: string): Mark {
    const mark = { kind, step, reason }
    this.marks.push(mark)
    return mark
  }
}

/** Names what is no number. */
function nonsense(record: FlightRecord): string | null {
  for (const [name, value] of Object.entries(record))
    if (!Number.isFinite(value)) return `${name} is ${value}: lower the learning rate or the clip range`
  return null
}

function meanOf(records: readonly FlightRecord[]): FlightRecord {
  const of = (name: keyof FlightRecord) => records.reduce((sum, one) => sum + one[name], 0) / records.length
  return Object.fromEntries(Object.keys(records[0]).map((name) => [name, of(name as keyof FlightRecord)])) as never
}

/** Share of a text's tokens that end a run of three which stood in it before. */
export function repetitionOf(ids: ArrayLike<number>): number {
  const seen = new Set<string>()
  let again = 0
  for (let i = 2; i < ids.length; i++) {
    const run = `${ids[i - 2]} ${ids[i - 1]} ${ids[i]}`
    if (seen.has(run)) again++
    seen.add(run)
  }
  return ids.length < 3 ? 0 : again / (ids.length - 2)
}

/** Loss within this share of what it is where nothing is learned counts as frozen. */
const frozenShare = 2e-4

/** Whether a loss over pairs stands where nothing is learned: at ln 2 = 0.6931, or at 1/(4β²) where it is IPO's. */
export function isUnlearned(loss: number, ipoBeta: number | null): boolean {
  const start = ipoBeta === null ? Math.LN2 : 1 / (4 * ipoBeta ** 2)
  return Math.abs(loss - start) < frozenShare * start
}
