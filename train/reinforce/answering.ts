/** Lets a policy answer prompts, and finds out what each answer is worth and how likely each of its tokens was. */
import type { Tokenizer } from '#model/tokenizer'
import { repetitionOf } from '../flight-recorder.ts'
import type { Replicas } from '../replicas.ts'
import { type AnswerColumns, type AnswerShape, type LaidOut, layOut } from './answers.ts'
import type { Prompt } from './prompts.ts'
import { ruleScore, shapedScore } from './rewards.ts'
import type { ReinforcementSettings } from './settings.ts'

export interface Answered extends AnswerColumns {
  /** Of each answer: what it is worth, before and after the price of its length, and whether it ended. */
  scores: Float32Array
  shaped: Float32Array
  ended: Uint8Array
  /** Share of answers of which all rules hold; null where no prompt has rules. */
  exam: number | null
  /** Of each decision. */
  logProbs: Float32Array
  reference: Float32Array
  values: Float32Array
  entropy: number
  repetition: number
  rolloutSeconds: number
}

export interface AnsweringOptions {
  actor: Replicas
  /** The value model, and the reward model beside it; null where neither is needed. */
  critic: Replicas | null
  settings: ReinforcementSettings
  shape: AnswerShape
  tokenizer: Tokenizer
  /** The token that ends an answer, and those that must not stand in one. */
  endId: number
  stopIds: ReadonlySet<number>
  vocabulary: number
  /** Of the reward model. */
  offset: number
}

/** Answers each prompt once; `seeds` draw the tokens. */
export async function answer(
  prompts: readonly Prompt[],
  seeds: readonly number[],
  options: AnsweringOptions,
): Promise<Answered> {
  const { actor, settings, endId, stopIds, vocabulary, shape } = options
  const { answerTokens: maxTokens, temperature, slots } = settings
  const began = performance.now()
  const asked = prompts.map(({ ids }, i) => ({ ids, seed: seeds[i] }))
  const written = await actor.rollout({ prompts: asked, maxTokens, temperature, slots, endId, vocabulary })
  const rolloutSeconds = (performance.now() - began) / 1000
  const answers = written.map((ids) => cut(ids, endId, stopIds))
  const columns = columnsFor(prompts, answers)
  const all = Uint32Array.from(answers.keys())
  const laid = layOut(columns, all, shape)
  const { logProbs, reference, entropy } = await likelihoods(actor, laid, columns)
  const { values, rewards } = await judgements(options, laid, columns)
  const ended = Uint8Array.from(answers, (ids) => Number(ids.at(-1) === endId))
  const texts = answers.map((ids) => options.tokenizer.decode(ids.at(-1) === endId ? ids.subarray(0, -1) : ids))
  const ruled = (by: 'all' | 'share') => prompts.map(({ rules }, i) => ruleScore(rules, texts[i], by))
  const scores = Float32Array.from(rewards ?? ruled(settings.rules))
  const withRules = prompts.flatMap(({ rules }, i) => (rules.length > 0 ? [i] : []))
  const right = ruled('all')
  return {
    ...columns,
    scores,
    shaped: scores.map((score, i) =>
      shapedScore(score, { ended: ended[i] === 1, length: answers[i].length }, settings),
    ),
    ended,
    exam: withRules.length === 0 ? null : mean(withRules.map((i) => right[i])),
    logProbs,
    reference,
    values,
    entropy,
    repetition: mean(answers.map(repetitionOf)),
    rolloutSeconds,
  }
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]
  return values.length === 0 ? 0 : sum / values.length
}

/** A control token that ends a text ends the answer as well; it is taken for the one that should. */
function cut(ids: Uint32Array, endId: number, stopIds: ReadonlySet<number>): Uint32Array {
  const at = ids.findIndex((id) => id !== endId && stopIds.has(id))
  return at < 0 ? ids : ids.slice(0, at + 1)
}

function columnsFor(prompts: readonly Prompt[], answers: readonly Uint32Array[]): AnswerColumns {
  const starts = [0]
  const units = [0]
  for (const [i, { length }] of answers.entries()) {
    starts.push(starts[i] + prompts[i].ids.length + length)
    units.push(units[i] + length)
  }
  const tokens = new Int32Array(starts[answers.length])
  for (const [i, ids] of answers.entries()) {
    tokens.set(prompts[i].ids, starts[i])
    tokens.set(ids, starts[i] + prompts[i].ids.length)
  }
  return {
    units: Uint32Array.from(units),
    starts: Uint32Array.from(starts),
    prompts: Uint32Array.from(prompts, ({ ids }) => ids.length),
    tokens,
  }
}

async function likelihoods(actor: Replicas, laid: readonly LaidOut[], { units }: AnswerColumns) {
  const count = units[units.length - 1]
  const logProbs = new Float32Array(count)
  const reference = new Float32Array(count)
  const found = await actor.measure(laid.map(({ micro }) => micro))
  let entropy = 0
  for (const [i, { decisions }] of laid.entries()) {
    const places = found[i].length / 3
    for (const [k, decision] of decisions.entries()) {
      logProbs[decision] = found[i][k]
      entropy += found[i][places + k] / count
      reference[decision] = found[i][2 * places + k]
    }
  }
  return { logProbs, reference, entropy }
}

async function judgements(
  { critic, shape, offset, settings }: AnsweringOptions,
  laid: readonly LaidOut[],
  of: AnswerColumns,
) {
  const values = new Float32Array(of.units[of.units.length - 1])
  if (!critic) return { values, rewards: null }
  const rewards = new Float32Array(of.units.length - 1)
  const found = await critic.measure(laid.map(({ micro }) => micro))
  for (const [i, { decisions, units }] of laid.entries()) {
    // The value model began as the reward model: what it says is taken from the same zero.
    for (const [k, decision] of decisions.entries()) values[decision] = found[i][k] - offset
    if (settings.reward) for (const [k, unit] of units.entries()) rewards[unit] = found[i][shape.places + k] - offset
  }
  return { values, rewards: settings.reward ? rewards : null }
}
