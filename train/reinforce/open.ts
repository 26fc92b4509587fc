/** Puts together what a policy needs to learn from its own answers: models, prompts, text, and the PPO core. */
import { PackedBatches } from '#data/packing'
import { type PreferenceFile, preferenceFiles } from '#data/preference-file'
import { batchSources } from '#data/prepare'
import { messageEnd, padding } from '#model/chat'
import type { GptConfig } from '#model/config'
import { type LoadedReward, loadRewardModel } from '#model/reward-folder'
import type { LoadedModel } from '#model/weights'
import { validationSets } from '../evaluation.ts'
import { initialiseAdapter } from '../initial-weights.ts'
import { type Objective, referencePrefix } from '../objective.ts'
import { parsePpoSettings } from '../ppo/settings.ts'
import { Ppo } from '../ppo.ts'
import { Replicas } from '../replicas.ts'
import { loraOf, type RunConfig, RunConfigError } from '../run-config.ts'
import type { RunData } from '../run-data.ts'
import type { AnsweringOptions } from './answering.ts'
import type { AnswerShape } from './answers.ts'
import { AnswerCollector } from './collector.ts'
import { AnswerLearner } from './learner.ts'
import { type Prompt, promptsOf } from './prompts.ts'
import type { ReinforcementSettings } from './settings.ts'

export interface Opened {
  ppo: Ppo
  actor: Replicas
  learner: AnswerLearner
  answering: AnsweringOptions
  heldOut: Prompt[]
  /** Held-out text, where the data has some, mixed in or not: what a policy forgets shows there. */
  text: ReturnType<typeof validationSets>
  close(): Promise<void>
}

export interface OpenOptions {
  run: RunConfig
  settings: ReinforcementSettings
  config: GptConfig
  start: LoadedModel
  data: RunData
  /** Where the reward model lies; null without one. */
  reward: string | null
  replicas: number
}

export async function openReinforcement(options: OpenOptions): Promise<Opened> {
  const { run, settings, config, data } = options
  const { tokenizer } = data
  const endId = tokenizer.specialTokens.get(messageEnd)
  if (endId === undefined) throw new RunConfigError(`init: its tokenizer has no ${messageEnd}, which ends an answer`)
  const filler = tokenizer.specialTokens.get(padding) ?? 0
  const shape = shapeOf(run, settings, filler)
  const judge = options.reward === null ? null : await loadRewardModel(options.reward)
  if (judge && judge.config.vocabSize !== config.vocabSize)
    throw new RunConfigError(
      `reinforcement.reward: it has a vocabulary of ${judge.config.vocabSize}, the policy one of ${config.vocabSize}: both need the same tokenizer`,
    )
  const actor = openActor(options, shape)
  const critic = run.stage === 'ppo' || judge ? openCritic(options, shape, judge) : null
  const text = mixedText(options, filler)
  const answering: AnsweringOptions = {
    actor,
    critic,
    settings,
    shape,
    tokenizer,
    endId,
    stopIds: data.chat.stopTokens,
    vocabulary: tokenizer.vocabSize,
    offset: judge?.offset ?? 0,
  }
  const longest = run.sequence - settings.answerTokens
  const files = (['train', 'validation'] as const).map((split) => preferenceFiles(data.folder, split))
  const prompts = withFiles(files[0], (all) => promptsOf(all, longest))
  const heldOut = withFiles(files[1], (all) => promptsOf(all, longest, run.evaluateRows))
  const collector = new AnswerCollector({ ...answering, stage: run.stage, prompts, rows: run.rows, seed: run.seed })
  // A value model is needed by PPO alone; elsewhere the second network only holds the reward model.
  const offset = judge?.offset ?? 0
  const valued = run.stage === 'ppo' ? critic : null
  const learner = new AnswerLearner({ actor, critic: valued, run, settings, shape, text, offset })
  return {
    ppo: new Ppo(ppoSettings(run, settings), { collector, learner }),
    actor,
    learner,
    answering,
    heldOut,
    text: heldOutText(options, filler),
    close: async () => {
      text?.close()
      await actor.close()
      await critic?.close()
    },
  }
}

/** Text that the policy goes on learning from; null where none is mixed in. */
function mixedText({ run, settings, data }: OpenOptions, filler: number): PackedBatches | null {
  const { sequence, seed, microRows } = run
  const sources = settings.mix > 0 ? batchSources(data.folder, 'train', sequence) : []
  if (sources.length === 0) return null
  const batch = Math.max(microRows, settings.mixRows - (settings.mixRows % microRows))
  return new PackedBatches({ sources, batch, sequence, seed, padding: filler })
}

function heldOutText({ run, data }: OpenOptions, filler: number) {
  const { evaluateRows: rows, microRows, sequence: length } = run
  return validationSets(batchSources(data.folder, 'validation', length), data.tokenizer, {
    ...{ rows, microRows, length },
    padding: filler,
  })
}

function withFiles(files: PreferenceFile[], use: (files: PreferenceFile[]) => Prompt[]): Prompt[] {
  try {
    return use(files)
  } finally {
    for (const file of files) file.close()
  }
}

/** Half the tokens of a micro-batch may be decisions: an answer has its prompt before it. */
function shapeOf(run: RunConfig, { answerTokens }: ReinforcementSettings, filler: number): AnswerShape {
  const { sequence, microRows: rows } = run
  return { sequence, rows, places: Math.max(answerTokens, (rows * sequence) >> 1), answers: rows * 16, padding: filler }
}

function ppoSettings(run: RunConfig, settings: ReinforcementSettings) {
  const { epochs, minibatch, gamma, lambda, clip, valueClip, entropyWeight, targetKl } = settings
  const { learningRate, schedule, beta1, beta2, epsilon, clip: gradientClip } = run.optimizer
  return parsePpoSettings({
    ...{ seed: run.seed, iterations: run.steps, epochs, minibatch, gamma, lambda, clip, valueClip, entropyWeight },
    ...{ targetKl, learningRate, beta1, beta2, epsilon, gradientClip },
    learningRateSchedule: schedule === 'constant' ? 'constant' : 'linear',
    normalise: run.stage === 'ppo' ? 'rollout' : 'none',
  })
}

function pool(options: OpenOptions, config: GptConfig, objective: Objective, lora = loraOf(options.run)): Replicas {
  const { run, replicas } = options
  const micro = { rows: run.microRows, length: run.sequence, packed: true }
  return new Replicas({ config, objective, lora, micro, optimizer: run.optimizer, useMuon: false, replicas })
}

function openActor(options: OpenOptions, shape: AnswerShape): Replicas {
  const { run, settings, config, start } = options
  const { temperature, entropyWeight, klCoefficient } = settings
  const actor = pool(options, config, {
    kind: 'actor',
    loss: run.stage === 'best-of-n' ? 'likelihood' : 'clipped',
    temperature,
    entropyWeight,
    klWeight: run.stage === 'grpo' ? klCoefficient : 0,
    places: shape.places,
  })
  for (const arrays of [actor.views(), actor.frozenViews()])
    for (const [name, array] of arrays)
      array.set(
        start.parameters.get(name.startsWith(referencePrefix) ? name.slice(referencePrefix.length) : name)?.data ??
          array,
      )
  const lora = loraOf(run)
  if (lora) initialiseAdapter(config, lora, actor.views(), run.seed)
  return actor
}

/** The value model starts from the reward model, or from the policy with a head of zeros. */
function openCritic(options: OpenOptions, shape: AnswerShape, judge: LoadedReward | null): Replicas {
  const { settings, config, start } = options
  const own = { ...(judge?.config ?? config), dropout: 0 }
  const { places, answers } = shape
  const critic = pool(
    options,
    own,
    { kind: 'critic', valueClip: settings.valueClip, judged: judge !== null, places, answers },
    null,
  )
  const from = judge?.parameters ?? start.parameters
  for (const arrays of [critic.views(), critic.frozenViews()])
    for (const [name, array] of arrays)
      array.set(from.get(name.startsWith(referencePrefix) ? name.slice(referencePrefix.length) : name)?.data ?? array)
  return critic
}
