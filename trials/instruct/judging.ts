/** What the line came to: every policy against the fine-tuned model, the reward model on held-out pairs, what was forgotten. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type RuledPrompt, ruledPrompts } from '#data/prompts'
import { parameterCount } from '#model/config'
import { loadModel } from '#model/weights'
import { type Regression, regressionOf, type TextLoss, textLoss } from './forgetting.ts'
import { configOf, type LineOptions, modelOf, runOf, type StageName } from './line.ts'
import { type RewardMarks, rewardMarks } from './reward-marks.ts'
import { type Marks, marksOf, type Verdict, verdictOf } from './verdict.ts'

/** Not the seed of the prompts that the runs themselves look at while they learn. */
export const promptSeed = 2024
const policies = ['ppo-ptx', 'ppo', 'dpo', 'grpo', 'best-of-n'] as const satisfies readonly StageName[]

export interface Judged {
  parameters: number
  reward: RewardMarks[]
  verdicts: Verdict[]
  forgetting: { name: string; bitsPerByte: number; sinceSft: Regression; sinceBase: Regression }[]
  samples: { prompt: RuledPrompt; answers: { name: string; answer: string; mark: number }[] }[]
}

export interface JudgingOptions extends LineOptions {
  prompts: number
  seeds: number
}

export async function judgeLine(options: JudgingOptions): Promise<Judged> {
  const { runs, prompts: count, seeds, say } = options
  const prompts = [...ruledPrompts({ seed: promptSeed, count, split: 'heldout' })]
  const names: StageName[] = ['sft-2', ...policies.filter((name) => existsSync(modelOf(runs, name)))]
  const samplings = [
    { temperature: 1, seeds: Array.from({ length: seeds }, (_, i) => i + 1) },
    { temperature: 0, seeds: [1] },
  ]
  const marks: Marks[][] = []
  for (const sampling of samplings) {
    const each: Marks[] = []
    for (const name of names) {
      say(`judging ${name} at temperature ${sampling.temperature}`)
      each.push(await marksOf({ name, folder: modelOf(runs, name) }, prompts, sampling))
    }
    marks.push(each)
  }
  const { config } = await loadModel(modelOf(runs, 'sft-2'))
  return {
    parameters: parameterCount(config),
    reward: rewardMarks(runOf(runs, 'reward')),
    verdicts: marks.flatMap(([sft, ...others]) => [sft, ...others].map((own) => verdictOf(own, sft))),
    forgetting: await forgetting(options, names),
    samples: samplesOf(prompts, marks[0]),
  }
}

/** Each policy on the text that its base model learned from, beside that model and the fine-tuned one. */
async function forgetting(options: JudgingOptions, names: readonly StageName[]): Promise<Judged['forgetting']> {
  const { runs, replicas = 1 } = options
  const { sequence, microRows, evaluateRows } = configOf('pretrain', options)
  const heldOut = { data: join(runOf(runs, 'pretrain'), 'data'), rows: 2 * evaluateRows, sequence, microRows, replicas }
  const losses = new Map<StageName, TextLoss>()
  for (const name of ['pretrain', 'sft', ...names] as const)
    losses.set(name, await textLoss(modelOf(runs, name), heldOut))
  const [base, sft] = [losses.get('pretrain') as TextLoss, losses.get('sft-2') as TextLoss]
  return [...losses].map(([name, loss]) => ({
    name,
    bitsPerByte: loss.bitsPerByte,
    sinceSft: regressionOf(loss, sft),
    sinceBase: regressionOf(loss, base),
  }))
}

const samplesOf = (prompts: readonly RuledPrompt[], marks: readonly Marks[]): Judged['samples'] =>
  prompts.slice(0, 24).map((prompt, i) => ({
    prompt,
    answers: marks.map(({ name, answers, marks: [first] }) => ({ name, answer: answers[i], mark: first[i] })),
  }))
