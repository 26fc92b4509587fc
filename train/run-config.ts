/** What a training run is told: a JSON file, checked, with a default for everything that has a sensible one. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type GptConfig, presets } from '#model/config'

const share = z.number().min(0).max(1)
const count = z.int().min(1).max(1e9)
const rate = z.number().positive().max(1)

const modelSchema = z.strictObject({
  preset: z.enum(Object.keys(presets) as [keyof typeof presets]).default('starter'),
  vocabSize: count.optional(),
  contextLength: count.optional(),
  layers: count.optional(),
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
  generator: z.enum(['conversations', 'statements']).optional(),
  /** Documents that a generator makes. */
  count: count.default(10_000),
  kind: z.enum(['text', 'chat']).default('text'),
  weight: z.number().min(0).optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
  split: z.enum(['hash', 'tail']).optional(),
  /** Left out without complaint where the file is not there, so that a recipe works without the large corpora. */
  optional: z.boolean().default(false),
})

const tokenizerSchema = z.union([
  z.strictObject({ kind: z.literal('characters') }),
  z.strictObject({ kind: z.literal('bpe'), vocabSize: count, sampleBytes: count.default(20_000_000) }),
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

export const runSchema = z.strictObject({
  stage: z.enum(['pretrain', 'sft']),
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
  /** Sequences of an optimizer step. */
  rows: count.default(32),
  steps: count.default(1000),
  /** Tokens see only their own document. */
  packed: z.boolean().default(true),
  replicas: z.int().min(1).max(256).optional(),
  optimizer: optimizerSchema.prefault({}),
  evaluateEvery: count.default(100),
  /** Validation sequences of each source. */
  evaluateRows: count.default(32),
  checkpointEvery: count.default(200),
  sampleEvery: count.default(500),
  samplePrompts: z.array(z.string().max(2000)).max(16).default([]),
  dtype: z.enum(['f32', 'f16', 'bf16']).default('f16'),
})

export type RunConfig = z.infer<typeof runSchema>
export type RunInput = z.input<typeof runSchema>
export type RunSource = RunConfig['data'][number]

/** The configuration does not fit; the message names the field and what it allows. */
export class RunConfigError extends Error {
  override name = 'RunConfigError'
}

/** Checks a configuration and fills in its defaults. */
export function parseRunConfig(value: unknown, from = 'the run configuration'): RunConfig {
  const parsed = runSchema.safeParse(value)
  if (!parsed.success) {
    const said = parsed.error.issues.map((i) => `${i.path.join('.') || '(top)'}: ${i.message}`).join('; ')
    throw new RunConfigError(`${from}: ${said}`)
  }
  const config = parsed.data
  for (const { name, path, generator } of config.data)
    if ((path === undefined) === (generator === undefined))
      throw new RunConfigError(`${from}: data source "${name}" needs either a path or a generator`)
  if (config.rows % config.microRows !== 0)
    throw new RunConfigError(`${from}: rows (${config.rows}) must be a multiple of microRows (${config.microRows})`)
  return config
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
