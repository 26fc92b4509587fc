/** The stages of recipes/instruct one after the other: each is run where it is not done, and gone on with where it was interrupted. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeReport } from '#train/report'
import { startRun } from '#train/run'
import { parseRunConfig, type RunConfig, type RunInput } from '#train/run-config'
import { writeComparisons } from './comparisons.ts'

const recipes = fileURLToPath(new URL('../../recipes/instruct', import.meta.url))

/** In this order each finds what it starts from. */
export const stages = [
  'pretrain',
  'sft',
  'sft-2',
  'compare',
  'reward',
  'ppo-ptx',
  'ppo',
  'dpo',
  'grpo',
  'best-of-n',
] as const
/** Beside the line: PPO without a leash, and a base model of eight times the size. */
export const asides = ['ppo-free', 'pretrain-8'] as const
export type StageName = (typeof stages)[number] | (typeof asides)[number]

/** Not that of the prompts that policies answer while they learn. */
const comparedSeed = 77

export interface LineOptions {
  /** The folder of all runs. */
  runs: string
  /** Models and data so small that all of it takes a minute: whether it works, not what it is worth. */
  quick: boolean
  replicas?: number
  signal?: AbortSignal
  say: (line: string) => void
}

/** A run's folder, under the names that recipes/README.md gives them. */
export const runOf = (runs: string, stage: StageName): string =>
  join(runs, `instruct-${stage.replace(/^pretrain/, 'base')}`)

export const modelOf = (runs: string, stage: StageName): string => join(runOf(runs, stage), 'model')

/** Runs one stage to its end; what is done stays. Returns false where the signal stopped it. */
export async function runStage(stage: StageName, options: LineOptions): Promise<boolean> {
  const { runs, quick, say, signal } = options
  const folder = runOf(runs, stage)
  if (stage === 'compare') {
    const many = quick ? { prompts: 40, samples: 2 } : { prompts: 8000, samples: 4 }
    say(`compare: ${await writeComparisons({ model: modelOf(runs, 'sft-2'), folder, ...many, seed: comparedSeed })}`)
    return true
  }
  if (existsSync(join(folder, 'model', 'config.json'))) {
    say(`${stage}: done before`)
    return true
  }
  say(`${stage}: begins`)
  const began = performance.now()
  const outcome = await startRun({
    run: configOf(stage, options),
    folder,
    base: recipes,
    resume: existsSync(join(folder, 'run.json')),
    signal,
    onMetrics: (metrics) => {
      if (metrics.kind !== 'evaluation') return
      const { step, answers, preferences } = metrics
      const pairs = Object.entries(preferences ?? {}).map(([name, { accuracy }]) => `${name} ${accuracy.toFixed(3)}`)
      const right = answers ? `right ${answers.exam?.toFixed(3)}, reward ${answers.reward.toFixed(2)}` : ''
      say(`${stage}: step ${step} ${right}${pairs.join(', ')}`)
    },
  })
  await outcome.close()
  writeReport(folder)
  say(
    `${stage}: step ${outcome.step} of ${outcome.steps}, ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
  )
  return outcome.finished
}

/** The recipe, with the models of these runs. */
export function configOf(stage: StageName, { runs, quick, replicas }: LineOptions): RunConfig {
  const input = JSON.parse(readFileSync(join(recipes, `${stage}.json`), 'utf8')) as RunInput
  // "../../runs/instruct-sft/model" names the run whose model is meant, wherever the runs lie.
  const here = (path: string) => join(runs, basename(dirname(path)), 'model')
  const { init, tokenizer, reinforcement } = input
  const placed: RunInput = {
    ...input,
    data: input.data.map((source) =>
      source.name === 'own' ? { ...source, path: join(runOf(runs, 'compare'), 'comparisons.jsonl') } : source,
    ),
    ...(init ? { init: here(init) } : {}),
    ...(tokenizer?.kind === 'folder' ? { tokenizer: { kind: 'folder', folder: here(tokenizer.folder) } } : {}),
    ...(reinforcement?.reward ? { reinforcement: { ...reinforcement, reward: here(reinforcement.reward) } } : {}),
    ...(replicas === undefined ? {} : { replicas }),
  }
  return parseRunConfig(quick ? shrunk(placed) : placed, `recipes/instruct/${stage}.json`)
}

/** The same stage with a model of a few thousand parameters and generated data alone. */
function shrunk(input: RunInput): RunInput {
  const { stage, name, tokenizer, reinforcement } = input
  const width = name.endsWith('-8') ? 64 : 32
  const small = { layers: 1, width, heads: 2, kvHeads: 1, headWidth: width / 2, hidden: width, contextLength: 128 }
  const rankings = stage === 'reward' || stage === 'dpo'
  return {
    ...input,
    data: input.data
      .filter(({ generator, name }) => generator || name === 'own')
      .map((source) => ({ ...source, count: source.generator === 'statements' ? 400 : 64 })),
    validationShare: 0.1,
    ...(stage === 'pretrain' ? { model: small } : {}),
    ...(tokenizer?.kind === 'bpe' ? { tokenizer: { ...tokenizer, vocabSize: 400, sampleBytes: 20_000 } } : {}),
    ...(rankings ? {} : { steps: 2 }),
    sequence: 128,
    rows: reinforcement && stage !== 'ppo' ? 2 : 8,
    evaluateRows: 8,
    ...(reinforcement
      ? { reinforcement: { ...reinforcement, answerTokens: 12, minibatch: 8, samples: stage === 'ppo' ? 1 : 2 } }
      : {}),
  }
}
