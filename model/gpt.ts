/** The decoder as an expression: tokens in, hidden states, logits or loss out. */
import { causalAttention, type RotaryTables, rotaryTables, rotate } from '#tensor/attention'
import { add, equal, gelu, mul, reluSquared, silu, where } from '#tensor/elementwise'
import { constant, input, type Tensor } from '#tensor/graph'
import { gatherRows } from '#tensor/indexing'
import { type CrossEntropy, linearCrossEntropy } from '#tensor/loss'
import { linear } from '#tensor/matmul'
import { layerNorm, rmsNorm } from '#tensor/normalise'
import { reshape, slice } from '#tensor/reshape'
import { type GptConfig, parameterSpecs } from './config.ts'

/**
 * Tensors by the names of `parameterSpecs`; a matrix `NAME.weight` may have `NAME.lora_A.weight` [rank, in] and
 * `NAME.lora_B.weight` [out, rank] beside it, whose product is added to it.
 */
export type Parameters = ReadonlyMap<string, Tensor>

export interface Sequences {
  batch: number
  length: number
  /** int64 [batch · length]. */
  tokens: Tensor
  /** int64 [batch, length]: each token's place in its document; absent: 0 to length − 1. */
  positions?: Tensor
  /** int64 [batch, length]: tokens see only those of the same number; absent: one document a row. */
  documents?: Tensor
  /** Whether a token sees those behind it too, as in an encoder (Devlin 2018, arXiv:1810.04805); absent: only those before. */
  bothWays?: boolean
  /** Applied where the model drops out (after embedding and before each residual addition); absent: nothing is dropped. */
  dropout?: (x: Tensor) => Tensor
}

/** Large and negative, yet far from overflowing when scores are added. */
const hidden = -1e9

/** An input for every parameter, under its name. */
export function parameterInputs(config: GptConfig): Parameters {
  return new Map(parameterSpecs(config).map((spec) => [spec.name, input(spec.name, spec.shape)]))
}

/** Hidden states after the last norm, [batch · length, width]. */
export function hiddenStates(config: GptConfig, parameters: Parameters, of: Sequences): Tensor {
  const at = lookup(parameters)
  const drop = of.dropout ?? ((x: Tensor) => x)
  const positions = of.positions ?? rowPositions(of)
  let x = gatherRows(at('model.embed_tokens.weight'), of.tokens)
  if (config.positions === 'learned') x = addPositions(x, config, at, of)
  x = drop(x)
  const mask = visibility(of)
  const tables =
    config.positions === 'rope' ? rotaryTables(config.contextLength, config.headWidth, config.ropeTheta) : null
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `model.layers.${layer}`
    const first = normOf(config, at, `${name}.input_layernorm`)
    const second = normOf(config, at, `${name}.post_attention_layernorm`)
    const attention = (t: Tensor) => drop(selfAttention(config, at, name, t, { of, positions, mask, tables }))
    const forward = (t: Tensor) => drop(feedForward(config, at, `${name}.mlp`, t))
    if (config.normPlacement === 'pre') {
      x = add(x, attention(first(x)))
      x = add(x, forward(second(x)))
    } else {
      x = first(add(x, attention(x)))
      x = second(add(x, forward(x)))
    }
  }
  return config.normPlacement === 'pre' ? normOf(config, at, 'model.norm')(x) : x
}

/** Scores of every token of the vocabulary, [rows, vocabulary]. */
export const logitsOf = (config: GptConfig, parameters: Parameters, states: Tensor): Tensor =>
  linear(states, outputTable(config, parameters))

/** Next-token loss: targets int64 and weights float32, both [batch · length]. */
export function languageLoss(
  config: GptConfig,
  parameters: Parameters,
  of: Sequences,
  targets: Tensor,
  weights: Tensor,
): CrossEntropy {
  return linearCrossEntropy(hiddenStates(config, parameters, of), outputTable(config, parameters), targets, weights)
}

const outputTable = (config: GptConfig, parameters: Parameters): Tensor =>
  lookup(parameters)(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')

interface Lookup {
  (name: string): Tensor
  /** Undefined where it was not given. */
  if(name: string): Tensor | undefined
}

function lookup(parameters: Parameters): Lookup {
  const needed = (name: string) => {
    const t = parameters.get(name)
    if (!t) throw new Error(`the model needs a parameter "${name}" that was not given`)
    return t
  }
  return Object.assign(needed, { if: (name: string) => parameters.get(name) })
}

function normOf(config: GptConfig, at: Lookup, name: string): (x: Tensor) => Tensor {
  const weight = at(`${name}.weight`)
  return config.norm === 'rmsnorm'
    ? (x) => rmsNorm(x, weight, config.normEpsilon)
    : (x) => layerNorm(x, weight, at(`${name}.bias`), config.normEpsilon)
}

function project(at: Lookup, name: string, x: Tensor, bias: boolean): Tensor {
  const y = linear(x, at(`${name}.weight`), bias ? at(`${name}.bias`) : undefined)
  const down = at.if(`${name}.lora_A.weight`)
  // The detour through a few columns (LoRA): the weight itself then needs no gradient.
  return down ? add(y, linear(linear(x, down), at(`${name}.lora_B.weight`))) : y
}

interface AttentionContext {
  of: Sequences
  positions: Tensor
  mask: Tensor
  tables: RotaryTables | null
}

function selfAttention(config: GptConfig, at: Lookup, layer: string, x: Tensor, context: AttentionContext): Tensor {
  const { heads, kvHeads, headWidth } = config
  const { batch, length } = context.of
  const name = `${layer}.self_attn`
  const bias = config.biases || config.qkvBias
  const headNorm = (t: Tensor, count: number, which: string) =>
    config.qkNorm
      ? reshape(
          rmsNorm(reshape(t, [batch * length * count, headWidth]), at(`${name}.${which}.weight`), config.normEpsilon),
          [batch * length, count * headWidth],
        )
      : t
  const turn = (t: Tensor, count: number) => {
    if (!context.tables) return t
    const rows = reshape(t, [batch, length, count * headWidth])
    return reshape(rotate(rows, context.positions, context.tables), [batch * length, count * headWidth])
  }
  const q = turn(headNorm(project(at, `${name}.q_proj`, x, bias), heads, 'q_norm'), heads)
  const k = turn(headNorm(project(at, `${name}.k_proj`, x, bias), kvHeads, 'k_norm'), kvHeads)
  const v = project(at, `${name}.v_proj`, x, bias)
  // Who sees both ways sees every key: no block of queries may end before them.
  const block = context.of.bothWays ? length : undefined
  const o = causalAttention(q, k, v, context.mask, { batch, length, heads, kvHeads, headWidth }, block)
  return project(at, `${name}.o_proj`, o, config.biases)
}

function feedForward(config: GptConfig, at: Lookup, name: string, x: Tensor): Tensor {
  const up = project(at, `${name}.up_proj`, x, config.biases)
  const inner =
    config.activation === 'swiglu'
      ? mul(silu(project(at, `${name}.gate_proj`, x, config.biases)), up)
      : config.activation === 'gelu'
        ? gelu(up)
        : reluSquared(up)
  return project(at, `${name}.down_proj`, inner, config.biases)
}

function rowPositions({ batch, length }: Sequences): Tensor {
  return constant(
    BigInt64Array.from({ length: batch * length }, (_, i) => BigInt(i % length)),
    [batch, length],
  )
}

function addPositions(x: Tensor, config: GptConfig, at: Lookup, of: Sequences): Tensor {
  const table = at('model.embed_positions.weight')
  const { batch, length } = of
  if (of.positions) return add(x, gatherRows(table, reshape(of.positions, [batch * length])))
  const rows = reshape(x, [batch, length, config.width])
  return reshape(add(rows, slice(table, 0, 0, length)), [batch * length, config.width])
}

/** What may be seen: 0, and what may not: a large negative number, as [batch or 1, length, length]. */
function visibility({ batch, length, documents, bothWays }: Sequences): Tensor {
  const behind = (i: number) => bothWays !== true && i % length > Math.floor(i / length)
  const within = constant(
    Float32Array.from({ length: length * length }, (_, i) => (behind(i) ? hidden : 0)),
    [1, length, length],
  )
  if (!documents) return within
  const same = equal(reshape(documents, [batch, length, 1]), reshape(documents, [batch, 1, length]))
  return where(same, within, hidden)
}
