import { mix, seedOf } from '#data/shuffle'
import { type Collector, type Experience, end, type Saved } from '../ppo/ports.ts'
import type { RunConfig } from '../run-config.ts'
import { type Answered, type AnsweringOptions, answer, mean } from './answering.ts'
import { type Prompt, promptsAt } from './prompts.ts'
import { bestOfGroups, groupAdvantages, steeredCoefficient, tokenRewards, whitenKeepingMean } from './rewards.ts'

export interface CollectorOptions extends AnsweringOptions {
  stage: RunConfig['stage']
  prompts: readonly Prompt[]
  /** Prompts of an iteration. */
  rows: number
  seed: number
}

/** Rollouts of a language model: prompts in, answers and what they are worth out. */
export class AnswerCollector implements Collector {
  private readonly options: CollectorOptions
  private klCoefficient: number

  constructor(options: CollectorOptions) {
    this.options = options
    this.klCoefficient = options.settings.klCoefficient
  }

  async collect(iteration: number): Promise<Experience> {
    const { prompts, rows, seed, settings, stage } = this.options
    const own = mix(mix(seed, seedOf('answers')), iteration)
    const asked = promptsAt(prompts, iteration, rows, seed).flatMap((one) =>
      new Array<Prompt>(settings.samples).fill(one),
    )
    const seeds = asked.map((_, i) => mix(own, i))
    const answered = await answer(asked, seeds, this.options)
    const facts = factsOf(answered, this.klCoefficient)
    const experience = this.experienceOf(answered, facts)
    if (stage === 'ppo')
      this.klCoefficient = steeredCoefficient(this.klCoefficient, facts.klOfAnswer, settings.klTarget)
    return experience
  }

  state(): Saved {
    return { klCoefficient: this.klCoefficient }
  }

  restore(state: Saved): void {
    this.klCoefficient = (state as { klCoefficient: number }).klCoefficient
  }

  private experienceOf(answered: Answered, facts: Experience['facts']): Experience {
    const { settings, stage } = this.options
    const { units, starts, prompts, tokens, logProbs, reference, values, shaped } = answered
    const count = logProbs.length
    const ends = new Uint8Array(count)
    for (let unit = 0; unit + 1 < units.length; unit++) ends[units[unit + 1] - 1] = end.terminated
    const rewards =
      stage === 'ppo'
        ? tokenRewards({ units, logProbs, reference, scores: shaped }, this.klCoefficient)
        : new Float32Array(count)
    if (stage === 'ppo' && settings.whitenRewards) whitenKeepingMean(rewards)
    const columns = { tokens, starts, prompts, reference }
    const whole = { count, rewards, values, logProbs, ends, bootstrap: new Float32Array(count), units, columns, facts }
    if (stage === 'ppo') return whole
    if (stage === 'grpo') return { ...whole, advantages: groupAdvantages(shaped, settings.samples, units) }
    return { ...only(whole, bestOfGroups(shaped, settings.samples)), facts }
  }
}

/** What an iteration has to tell, over all its answers. */
function factsOf(answered: Answered, klCoefficient: number) {
  const { units, logProbs, reference, scores, ended } = answered
  const count = logProbs.length
  const apart = logProbs.reduce((sum, logProb, i) => sum + logProb - reference[i], 0)
  const reward = mean(scores)
  return {
    reward,
    spread: Math.sqrt(mean(scores.map((score) => (score - reward) ** 2))),
    kl: apart / count,
    klOfAnswer: apart / scores.length,
    klCoefficient,
    entropy: answered.entropy,
    length: count / scores.length,
    ended: mean(ended),
    repetition: answered.repetition,
    tokens: units[units.length - 1],
    read: answered.tokens.length,
    rolloutSeconds: answered.rolloutSeconds,
  }
}

/** The chosen answers alone, each decision with an advantage of 1. */
function only(of: Experience, chosen: Uint32Array): Omit<Experience, 'facts'> {
  const [units, starts, prompts] = [of.units as Uint32Array, of.columns.starts, of.columns.prompts]
  const cutAt = (array: Float32Array, at: ArrayLike<number>) =>
    Float32Array.from(Array.from(chosen).flatMap((unit) => Array.from(array.subarray(at[unit], at[unit + 1]))))
  const lengths = (at: ArrayLike<number>) => {
    const ends = [0]
    for (const unit of chosen) ends.push(ends[ends.length - 1] + at[unit + 1] - at[unit])
    return ends
  }
  const tokens = Array.from(chosen).flatMap((unit) =>
    Array.from(of.columns.tokens.subarray(starts[unit], starts[unit + 1])),
  )
  const logProbs = cutAt(of.logProbs, units)
  const count = logProbs.length
  const kept = Uint32Array.from(lengths(units))
  const ends = new Uint8Array(count)
  for (let unit = 1; unit < kept.length; unit++) ends[kept[unit] - 1] = end.terminated
  return {
    count,
    logProbs,
    rewards: new Float32Array(count),
    values: new Float32Array(count),
    bootstrap: new Float32Array(count),
    ends,
    units: kept,
    advantages: new Float32Array(count).fill(1),
    columns: {
      tokens: Int32Array.from(tokens),
      starts: Uint32Array.from(lengths(starts)),
      prompts: Uint32Array.from(chosen, (unit) => prompts[unit]),
      reference: cutAt(of.columns.reference as Float32Array, units),
    },
  }
}
