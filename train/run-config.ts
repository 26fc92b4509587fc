/** What a training run is told: a JSON file, checked, with a default for everything that has a sensible one. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type GptConfig, presets } from '#model/config'
import { type LoraConfig, loraTargets } from '#model/lora'
import { reinforcementSchema } from './reinforce/settings.ts'
import { RunConfigError } from './run-config-error.ts'

export { RunConfigError }

const share = z.number().min(0).max(1)
const count = z.int().min(1).max(1e9)
const rate = z.number().positive().max(1)

const modelSchema = z.strictObject({
  preset: z.enum(Object.keys(presets) as [keyof typeof presets]).default('starter'),
  vocabSize: count.optional(),
  contextLength: count.optional(),
  /** 0: an embedding model that looks up a vector for each token. */
  layers: z.int().min(0).max(1e9).optional(),
  width: count.optional(),
  heads: count.optional(),
  kvHeads: count.optional(),
  headWidth: count.optional(),
  hidden: count.optional(),
  positions: z.enum(['learned', 'rope']).optional(),
  ropeTheta: z.number().positive().optional(),
  norm: z.enum(['layernorm', 'rmsnorm']).optional(),
  activation: z.enum(['gelu', 'relu2', 'swiglu']).optional(),
  biases: z.boolean().optional(),
  tiedEmbeddings: z.boolean().optional(),
  dropout: share.optional(),
})

const sourceSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,64}$/),
  /** Data files, or the repository's own generators. */
  path: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  generator: z.enum(['conversations', 'statements', 'preferences', 'prompts']).optional(),
  /** Documents that a generator makes. */
  count: count.default(10_000),
  kind: z.enum(['text', 'chat', 'preference']).default('text'),
  weight: z.number().min(0).optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
  split: z.enum(['hash', 'tail']).optional(),
  /** Left out without complaint where the file is not there, so that a recipe works without the large corpora. */
  optional: z.boolean().default(false),
})

const tokenizerSchema = z.union([
  z.strictObject({ kind: z.literal('characters') }),
  z.strictObject({
    kind: z.literal('bpe'),
    vocabSize: count,
    sampleBytes: count.default(20_000_000),
    /** Capitals count as small letters: for models that compare texts and write none. */
    lowercase: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('folder'), folder: z.string() }),
])

const optimizerSchema = z.strictObject({
  kind: z.enum(['adamw', 'muon']).default('muon'),
  learningRate: rate.default(2e-3),
  /** For the matrices that Muon changes; AdamW's rate where it is left out. */
  muonLearningRate: rate.optional(),
  beta1: share.default(0.9),
  beta2: share.default(0.95),
  epsilon: z.number().positive().default(1e-8),
  muonMomentum: share.default(0.95),
  weightDecay: z.number().min(0).default(0.1),
  clip: z.number().positive().default(1),
  schedule: z.enum(['cosine', 'wsd', 'constant']).default('wsd'),
  warmupSteps: z.int().min(0).default(100),
  finalShare: share.default(0.05),
  decayShare: share.default(0.3),
})

const loraSchema = z.strictObject({
  rank: z.int().min(1).max(4096).default(8),
  /** What is learned counts alpha / rank times; twice the rank where it is left out. */
  alpha: z.number().positive().max(1e6).optional(),
  targets: z
    .array(z.enum(loraTargets))
    .min(1)
    .default([...loraTargets]),
})

const preferenceSchema = z.strictObject({
  /** DPO: how strongly the policy is held to the model that it starts from. */
  beta: z.number().positive().max(100).default(0.1),
  loss: z.enum(['sigmoid', 'ipo']).default('sigmoid'),
  /** DPO: share of the pairs that are taken to be the wrong way round. */
  labelSmoothing: z.number().min(0).max(0.49).default(0),
  /** Most answers of a prompt. */
  answers: z.int().min(2).max(11).default(9),
  /** So many steps in a row with the loss where nothing is learned stop the run. */
  frozenSteps: count.default(50),
})

const embeddingSchema = z.strictObject({
  temperature: z.number().positive().max(10).default(0.05),
  /** Lengths to which a vector may be cut, beside its whole one. */
  cuts: z.array(z.int().min(2)).max(8).default([128, 64]),
  /** Fewest tokens of a text; the most is the sequence. */
  shortest: count.default(8),
  /** How often each kind of pair is made, relative to the others. */
  neighbours: z.number().min(0).default(1),
  crops: z.number().min(0).default(1),
  headings: z.number().min(0).default(1),
  dropout: z.number().min(0).max(0.9).default(0.1),
})

export const runSchema = z.strictObject({
  stage: z.enum(['pretrain', 'sft', 'reward', 'dpo', 'ppo', 'grpo', 'best-of-n', 'embed']),
  /** Becomes the model's name. */
  name: z.string().regex(/^[\w.-]{1,64}$/),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  model: modelSchema.prefault({}),
  /** A model folder whose weights training starts from. */
  init: z.string().optional(),
  tokenizer: tokenizerSchema.optional(),
  data: z.array(sourceSchema).min(1),
  validationShare: share.default(0.01),
  /** Share of text documents that are turned into fill-in-the-middle form. */
  fillInMiddle: share.default(0),
  sequence: count.default(256),
  /** Sequences of a micro-batch; about 512 tokens keep a layer's work in the second-level cache. */
  microRows: count.default(2),
  /** Sequences of an optimizer step; of rankings, prompts. */
  rows: count.default(32),
  steps: count.default(1000),
  /** Of rankings: passes over all prompts, from which the steps follow once the data is there. */
  epochs: z.number().positive().max(1000).optional(),
  /** Tokens see only their own document. */
  packed: z.boolean().default(true),
  replicas: z.int().min(1).max(256).optional(),
  optimizer: optimizerSchema.prefault({}),
  /** Trains low-rank matrices beside the model of `init`, which stays as it is. */
  lora: loraSchema.optional(),
  /** Of the stages that learn from rankings. */
  preference: preferenceSchema.optional(),
  /** Of embedding models. Their rows are pairs of texts, each against the others of its micro-batch. */
  embedding: embeddingSchema.optional(),
  /** Of the stages in which a policy learns from its own answers. Their rows are prompts, their steps iterations. */
  reinforcement: reinforcementSchema.optional(),
  evaluateEvery: count.default(100),
  /** Validation sequences of each source; of rankings, prompts. */
  evaluateRows: count.default(32),
  checkpointEvery: count.default(200),
  sampleEvery: count.default(500),
  samplePrompts: z.array(z.string().max(2000)).max(16).default([]),
  dtype: z.enum(['f32', 'f16', 'bf16']).default('f16'),
})

export type RunConfig = z.infer<typeof runSchema>
export type RunInput = z.input<typeof runSchema>
export type RunSource = RunConfig['data'][number]
export type EmbeddingSettings = z.infer<typeof embeddingSchema>
export type PreferenceSettings = z.infer<typeof preferenceSchema>

/** The adapter that a run trains, or null. */
export function loraOf({ lora }: RunConfig): LoraConfig | null {
  return lora ? { rank: lora.rank, alpha: lora.alpha ?? 2 * lora.rank, targets: lora.targets } : null
}

/** Whether a policy learns from its own answers. */
export const learnsFromAnswers = (stage: RunConfig['stage']): boolean =>
  stage === 'ppo' || stage === 'grpo' || stage === 'best-of-n'

/** Whether a stage learns from rankings. */
export const learnsFromRankings = (stage: RunConfig['stage']): boolean => stage === 'reward' || stage === 'dpo'

/** Checks a configuration and fills in its defaults. */
export function parseRunConfig(value: unknown, from = 'the run configuration'): RunConfig {
  const parsed = runSchema.safeParse(withStageDefaults(value))
  if (!parsed.success) {
    const said = parsed.error.issues.map((i) => `${i.path.join('.') || '(top)'}: ${i.message}`).join('; ')
    throw new RunConfigError(`${from}: ${said}`)
  }
  const problem = problemOf(parsed.data)
  if (problem) throw new RunConfigError(`${from}: ${problem}`)
  return parsed.data
}

function problemOf(config: RunConfig): string | null {
  const { stage, lora, init, optimizer, rows, microRows } = config
  for (const { name, path, generator } of config.data)
    if ((path === undefined) === (generator === undefined))
      return `data source "${name}" needs either a path or a generator`
  const rankings = learnsFromRankings(stage)
  if (learnsFromAnswers(stage)) return answersProblem(config)
  const embedding = embeddingProblem(config)
  if (embedding) return embedding
  const other = config.data.find(
    ({ kind, generator }) => rankings !== (kind === 'preference' || generator === 'preferences'),
  )
  if (other)
    return `data source "${other.name}": ${rankings ? `${stage} learns from rankings: its kind must be "preference"` : `rankings and prompts are for the stages reward, dpo, ppo, grpo and best-of-n, not for ${stage}`}`
  if (rankings && config.data.some(({ weight }) => weight !== undefined))
    return 'weight has no meaning for rankings: an epoch shows every prompt once'
  if (rankings && !init) return `init is missing: ${stage} starts from a model, such as a fine-tuned one`
  if (!rankings && config.epochs !== undefined) return 'epochs is for rankings; say steps'
  if (!rankings && rows % microRows !== 0) return `rows (${rows}) must be a multiple of microRows (${microRows})`
  if (lora && stage !== 'sft' && stage !== 'dpo') return `lora is for the stages sft and dpo, not for ${stage}`
  if (lora && !init) return 'lora needs init, the model beside which it is trained'
  if (lora && optimizer.kind === 'muon')
    return 'lora is trained with adamw: Muon would make its narrow matrices orthogonal'
  return null
}

function embeddingProblem({ stage, model, embedding, init, data, epochs, optimizer, sequence }: RunConfig) {
  if (stage !== 'embed')
    return model.layers === 0 ? `model.layers is 0: only an embedding model looks tokens up, not ${stage}` : null
  if (init) return 'init has no meaning for embed: an embedding model starts from nothing'
  if (epochs !== undefined) return 'epochs is for rankings; say steps'
  if (data.some(({ kind }) => kind !== 'text')) return 'embed learns from texts: the kind of its data must be "text"'
  if (model.layers !== 0)
    return `model.layers is ${model.layers}: an embedding model looks its tokens up, so that it has 0`
  if (optimizer.kind === 'muon') return 'a table of vectors is trained with adamw'
  const { shortest, neighbours, crops, headings } = embedding as EmbeddingSettings
  if (2 * shortest > sequence) return `embedding.shortest (${shortest}) must be at most half of sequence (${sequence})`
  return neighbours + crops + headings > 0 ? null : 'embedding: at least one kind of pair must be made'
}

function answersProblem({ stage, lora, init, optimizer, sequence, reinforcement, data, epochs }: RunConfig) {
  if (!reinforcement) return `reinforcement is missing: ${stage} needs it`
  const { samples, answerTokens, mix } = reinforcement
  const prompts = data.filter(({ kind, generator }) => kind === 'preference' || generator === 'prompts')
  if (!init) return `init is missing: ${stage} starts from a fine-tuned model`
  if (prompts.length === 0)
    return `data has no prompts for ${stage}: a source of kind "preference" or generator "prompts"`
  if (mix > 0 && prompts.length === data.length)
    return 'reinforcement.mix needs a source of text or conversations in data'
  if (stage !== 'ppo' && samples < 2) return `reinforcement.samples is ${samples}: ${stage} compares at least 2 answers`
  if (answerTokens >= sequence)
    return `reinforcement.answerTokens (${answerTokens}) must be below sequence (${sequence})`
  if (optimizer.kind === 'muon' || optimizer.schedule === 'wsd')
    return `optimizer: ${stage} is trained with adamw, constant or falling to 0 (cosine is taken as linear)`
  if (epochs !== undefined) return 'epochs is for rankings; say steps, which are iterations'
  if (lora && !init) return 'lora needs init, the model beside which it is trained'
  return null
}

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Steps of 16 prompts; a rate for models of some million parameters, higher for the few parameters of an adapter. */
const rankingDefaults = { rows: 16, microRows: 4, evaluateEvery: 50, evaluateRows: 500, preference: {} }
const gentle = { kind: 'adamw', schedule: 'cosine', warmupSteps: 10, weightDecay: 0 }

/** What is usual for a stage, where the configuration says nothing. */
function withStageDefaults(value: unknown): unknown {
  if (!isFields(value)) return value
  const { stage, lora } = value
  if (typeof stage === 'string' && learnsFromAnswers(stage as RunConfig['stage'])) return withAnswerDefaults(value)
  if (stage === 'embed') return withEmbeddingDefaults(value)
  const rankings = stage === 'reward' || stage === 'dpo'
  if (!rankings && lora === undefined) return value
  const learningRate = stage === 'reward' ? 3e-4 : stage === 'dpo' ? (lora ? 2e-4 : 2e-5) : 1e-3
  const optimizer = { ...gentle, learningRate, ...(isFields(value.optimizer) ? value.optimizer : {}) }
  const epochs = rankings && value.steps === undefined ? { epochs: 1 } : {}
  return { ...(rankings ? rankingDefaults : {}), ...epochs, ...value, optimizer }
}

/** Iterations of 64 answers; a rate for models of some million parameters. */
function withAnswerDefaults(value: Fields): Fields {
  const { stage, lora } = value
  const optimizer = {
    ...gentle,
    schedule: 'constant',
    warmupSteps: 0,
    learningRate: lora ? 2e-4 : stage === 'best-of-n' ? 5e-5 : 2e-5,
    beta2: 0.999,
    ...(isFields(value.optimizer) ? value.optimizer : {}),
  }
  const own = isFields(value.reinforcement) ? value.reinforcement : {}
  const reinforcement = stage === 'ppo' ? own : { samples: 8, epochs: 1, ...own }
  const usual = { rows: stage === 'ppo' ? 64 : 8, microRows: 4, steps: 100, evaluateEvery: 10, evaluateRows: 64 }
  return { checkpointEvery: 5, ...usual, ...value, optimizer, reinforcement }
}

/** Steps of 256 pairs, all of them against each other, of texts up to 128 tokens. */
function withEmbeddingDefaults(value: Fields): Fields {
  const own = (field: unknown) => (isFields(field) ? field : {})
  const optimizer = { kind: 'adamw', learningRate: 3e-3, beta2: 0.99, weightDecay: 0, ...own(value.optimizer) }
  const usual = { rows: 256, microRows: 256, sequence: 128, packed: false, evaluateRows: 1000, embedding: {} }
  return { ...usual, ...value, model: { layers: 0, ...own(value.model) }, optimizer }
}

export function readRunConfig(path: string): RunConfig {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new RunConfigError(`${path} cannot be read as JSON: ${String(cause)}`, { cause })
  }
  return parseRunConfig(value, path)
}

/** The model that a run trains: the preset with the run's own fields, for a vocabulary of this size. */
export function modelConfig(run: RunConfig, vocabSize: number): GptConfig {
  const { preset, ...own } = run.model
  const base: GptConfig = presets[preset]
  const merged = { ...base, ...own, vocabSize: own.vocabSize ?? vocabSize }
  const headWidth = own.headWidth ?? (own.width || own.heads ? merged.width / merged.heads : base.headWidth)
  const kvHeads = own.kvHeads ?? (own.heads ? merged.heads : base.kvHeads)
  const model: GptConfig = { ...merged, headWidth, kvHeads }
  checkModel(model, run.sequence)
  return model
}

function checkModel(model: GptConfig, sequence: number): void {
  const fail = (text: string): never => {
    throw new RunConfigError(`model: ${text}`)
  }
  if (!Number.isInteger(model.headWidth)) fail(`width ${model.width} does not divide into ${model.heads} heads`)
  if (model.heads % model.kvHeads !== 0) fail(`heads ${model.heads} is not a multiple of kvHeads ${model.kvHeads}`)
  if (model.positions === 'rope' && model.headWidth % 2 !== 0) fail(`RoPE needs an even headWidth`)
  if (sequence > model.contextLength) fail(`sequence ${sequence} is longer than contextLength ${model.contextLength}`)
}
