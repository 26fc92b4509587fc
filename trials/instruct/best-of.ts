/** Best of n, told for every n from one set of samples, and how far it strays from the policy that answered. */
import { bootstrap, mean } from '#exam/statistics'

/** One answer: what the reward model gives it and what the gold judge says. */
export interface Scored {
  reward: number
  gold: number
}

/** The divergence of the best of n from the policy: log n − (n − 1) / n nats (Stiennon 2020, appendix G.3). */
export const divergenceOf = (n: number): number => Math.log(n) - (n - 1) / n

/**
 * What is to be expected of the answer that the reward model prefers among n drawn without replacement from a prompt's
 * answers: the one of rank i (from the worst) is it in C(i, n − 1) of C(all, n) draws. Of equal rewards each is as likely.
 */
export function expectedOfBest(answers: readonly Scored[], n: number, of: (answer: Scored) => number): number {
  const all = answers.length
  if (!Number.isInteger(n) || n < 1 || n > all) throw new RangeError(`n is ${n}: there are ${all} answers`)
  const sorted = [...answers].sort((a, b) => a.reward - b.reward)
  const values = evened(sorted, of)
  let expected = 0
  // Of the best rank n / all of the draws have it, and each rank below has (i − n + 1) / i of the one above it.
  let share = n / all
  for (let i = all - 1; i >= n - 1; i--) {
    expected += share * values[i]
    share *= (i - n + 1) / i
  }
  return expected
}

/** The value of each, where answers of equal reward share the mean of theirs. */
function evened(sorted: readonly Scored[], of: (answer: Scored) => number): number[] {
  const values: number[] = []
  for (let from = 0; from < sorted.length; ) {
    let to = from
    while (to < sorted.length && sorted[to].reward === sorted[from].reward) to++
    const even = mean(sorted.slice(from, to).map(of))
    while (values.length < to) values.push(even)
    from = to
  }
  return values
}

export interface CurvePoint {
  /** Answers to choose from, or iterations of PPO. */
  at: number
  /** Nats an answer. */
  kl: number
  gold: number
  low: number
  high: number
  reward: number
}

/** The curve over n, with the bootstrap interval over prompts. */
export function bestOfCurve(prompts: readonly (readonly Scored[])[], counts: readonly number[]): CurvePoint[] {
  return counts.map((n) => {
    const gold = prompts.map((answers) => expectedOfBest(answers, n, (answer) => answer.gold))
    const reward = mean(prompts.map((answers) => expectedOfBest(answers, n, (answer) => answer.reward)))
    return { at: n, kl: divergenceOf(n), gold: mean(gold), ...bootstrap(gold, mean), reward }
  })
}

/** The point of most gold, the first of equals. */
export const peakOf = (curve: readonly CurvePoint[]): CurvePoint =>
  curve.reduce((best, point) => (point.gold > best.gold ? point : best))
