/** The gold judge over several models: the generator's rules mark every answer, and no reward model has a say in it. */
import type { RuledPrompt } from '#data/prompts'
import { bootstrap, mean, wilson } from '#exam/statistics'
import { answersOf, compareMarks, marked } from '#trials/gold'

export interface Contestant {
  name: string
  folder: string
  /** See GoldOptions. */
  plainly?: (prompt: RuledPrompt) => string
}

export interface Sampling {
  temperature: number
  /** More than one where sampling is involved. */
  seeds: readonly number[]
}

export interface Marks extends Sampling {
  name: string
  /** Share of its rules that each answer meets: seed by seed, prompt by prompt. */
  marks: number[][]
  /** The answers under the first seed. */
  answers: string[]
}

export async function marksOf(
  { name, folder, plainly }: Contestant,
  prompts: readonly RuledPrompt[],
  { temperature, seeds }: Sampling,
): Promise<Marks> {
  const marks: number[][] = []
  let first: string[] = []
  for (const seed of seeds) {
    const answers = await answersOf(folder, { prompts, temperature, seed, plainly })
    if (marks.length === 0) first = answers
    marks.push(answers.map((answer, i) => marked(prompts[i].rules, answer)))
  }
  return { name, temperature, seeds, marks, answers: first }
}

export interface Verdict {
  name: string
  against: string
  temperature: number
  seeds: number
  prompts: number
  /** Answers that meet all rules, with the interval over prompts. */
  right: number
  rightLow: number
  rightHigh: number
  /** Wins and half of the ties, with the bootstrap interval over prompts. */
  rate: number
  low: number
  high: number
  /** Win rate of each seed. */
  bySeed: number[]
  wins: number
  ties: number
  losses: number
  /** Wins among what one of the two won, with Wilson's interval over the first seed's prompts. */
  decided: { share: number; low: number; high: number }
}

/** Compares the same seeds prompt by prompt; a prompt counts once, however many seeds answered it. */
export function verdictOf(own: Marks, other: Marks): Verdict {
  const each = own.marks.map((marks, seed) => compareMarks(marks, other.marks[seed]))
  const prompts = own.marks[0].length
  const points = Array.from({ length: prompts }, (_, i) =>
    mean(own.marks.map((marks, s) => (marks[i] > other.marks[s][i] ? 1 : marks[i] < other.marks[s][i] ? 0 : 0.5))),
  )
  const rights = Array.from({ length: prompts }, (_, i) => mean(own.marks.map((marks) => Number(marks[i] === 1))))
  const right = bootstrap(rights, mean)
  const sum = (of: 'wins' | 'ties' | 'losses') => each.reduce((total, one) => total + one[of], 0)
  const [wins, ties, losses] = [sum('wins'), sum('ties'), sum('losses')]
  return {
    name: own.name,
    against: other.name,
    temperature: own.temperature,
    seeds: own.seeds.length,
    prompts,
    right: mean(rights),
    rightLow: right.low,
    rightHigh: right.high,
    rate: mean(points),
    ...bootstrap(points, mean),
    bySeed: each.map(({ rate }) => rate),
    wins,
    ties,
    losses,
    decided: {
      share: wins + losses === 0 ? 0.5 : wins / (wins + losses),
      ...wilson(each[0].wins, each[0].wins + each[0].losses),
    },
  }
}
