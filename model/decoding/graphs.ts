/**
 * One pass of the model over new tokens, given the keys and values of those before. Two forms: one new token for each of
 * many sequences (decode), and many new tokens of one sequence (prefill). Batch, chunk and cache length are free axes.
 */
import { type RotaryTables, rotaryTables, rotate } from '#tensor/attention'
import { add, gelu, mul, reluSquared, silu } from '#tensor/elementwise'
import { cutEnd, freeInput, reshapeBy } from '#tensor/flexible'
import { constant, type Tensor } from '#tensor/graph'
import { linear, matmul } from '#tensor/matmul'
import { layerNorm, rmsNorm, softmax } from '#tensor/normalise'
import { concat, split, transpose } from '#tensor/reshape'
import type { GptConfig } from '../config.ts'
import type { FusedWeights, LayerWeights, Matrix, Norm } from './fused-weights.ts'

/** Nominal sizes of the free axes; no result depends on them. */
const rows = 3
const past = 5

/** Names of the cache's inputs. */
export const keysOf = (layer: number): string => `keys${layer}`
export const valuesOf = (layer: number): string => `values${layer}`

interface Form {
  cacheShape: number[]
  cacheFree: number[]
  mask: Tensor
  /** Attention of new queries [rows, heads · headWidth] over the cache and the new keys and values [rows, kvHeads · headWidth]. */
  attend(q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor): Tensor
  /** The rows whose logits are wanted. */
  wanted(x: Tensor): Tensor
}

export interface StepOutputs extends Record<string, Tensor> {
  /** [rows, vocabulary], or [1, vocabulary] in prefill. */
  logits: Tensor
  /** New keys and values, [rows, layers · 2 · kvHeads · headWidth]: for each layer its keys, then its values. */
  fresh: Tensor
}

/**
 * One token for each sequence. Inputs: states [batch, width] (embedded), positions [1, batch], mask
 * [batch, 1, 1, 1, past + 1] to add to the scores (the last place is the token itself), and for each layer keys and
 * values [batch, kvHeads, 1, past, headWidth].
 */
export function decodeGraph(config: GptConfig, weights: FusedWeights): StepOutputs {
  const { heads, kvHeads, headWidth: width } = config
  const group = heads / kvHeads
  const shaped = (t: Tensor, per: number) => reshapeBy(t, [-1, kvHeads, per, 1, width], [rows, kvHeads, per, 1, width])
  return graph(config, weights, {
    cacheShape: [rows, kvHeads, 1, past, width],
    cacheFree: [0, 3],
    mask: freeInput('mask', [rows, 1, 1, 1, past + 1], [0, 4]),
    attend(q, k, v, keys, values) {
      const queries = shaped(q, group)
      const before = matmul(queries, keys, { transposeB: true })
      const own = matmul(queries, shaped(k, 1), { transposeB: true })
      const weight = softmax(add(concat([before, own], 4), this.mask))
      const [weightBefore, weightOwn] = cutEnd(weight, 4, 1)
      const o = add(matmul(weightBefore, values), mul(weightOwn, shaped(v, 1)))
      return reshapeBy(o, [-1, heads * width], [rows, heads * width])
    },
    wanted: (x) => x,
  })
}

/**
 * Several tokens of one sequence. Inputs: states [tokens, width], positions [1, tokens], mask [tokens, past + tokens],
 * and for each layer keys and values [kvHeads, 1, past, headWidth]. Logits come for the last token alone.
 */
export function prefillGraph(config: GptConfig, weights: FusedWeights): StepOutputs {
  const { heads, kvHeads, headWidth: width } = config
  const group = heads / kvHeads
  const toHeads = (t: Tensor, per: number) =>
    transpose(reshapeBy(t, [-1, kvHeads, per, width], [rows, kvHeads, per, width]), [1, 2, 0, 3])
  return graph(config, weights, {
    cacheShape: [kvHeads, 1, past, width],
    cacheFree: [2],
    mask: freeInput('mask', [rows, past + rows], [0, 1]),
    attend(q, k, v, keys, values) {
      const allKeys = concat([keys, toHeads(k, 1)], 2)
      const allValues = concat([values, toHeads(v, 1)], 2)
      const scores = matmul(toHeads(q, group), allKeys, { transposeB: true })
      const o = matmul(softmax(add(scores, this.mask)), allValues)
      return reshapeBy(transpose(o, [2, 0, 1, 3]), [-1, heads * width], [rows, heads * width])
    },
    wanted: (x) => cutEnd(x, 0, 1)[1],
  })
}

function graph(config: GptConfig, weights: FusedWeights, form: Form): StepOutputs {
  const { width, headWidth } = config
  const positions = freeInput('positions', [1, rows], [1], 'int64')
  const tables = config.positions === 'rope' ? rotaryTables(config.contextLength, headWidth, config.ropeTheta) : null
  let x = freeInput('states', [rows, width], [0])
  const fresh: Tensor[] = []
  for (const [index, layer] of weights.layers.entries()) {
    const keys = freeInput(keysOf(index), form.cacheShape, form.cacheFree)
    const values = freeInput(valuesOf(index), form.cacheShape, form.cacheFree)
    const attention = (t: Tensor) => {
      const { q, k, v } = project(config, layer, t, positions, tables)
      fresh.push(k, v)
      return product(form.attend(q, k, v, keys, values), layer.output)
    }
    const forward = (t: Tensor) => feedForward(config, layer, t)
    const first = normOf(config, layer.firstNorm)
    const second = normOf(config, layer.secondNorm)
    if (config.normPlacement === 'pre') {
      x = add(x, attention(first(x)))
      x = add(x, forward(second(x)))
    } else {
      x = first(add(x, attention(x)))
      x = second(add(x, forward(x)))
    }
  }
  const last = form.wanted(x)
  const states = weights.finalNorm ? normOf(config, weights.finalNorm)(last) : last
  return { logits: product(states, weights.logits), fresh: concat(fresh, 1) }
}

/** Queries, keys and values [rows, …], normalised and turned as the model has it. */
function project(
  config: GptConfig,
  layer: LayerWeights,
  x: Tensor,
  positions: Tensor,
  tables: RotaryTables | null,
): { q: Tensor; k: Tensor; v: Tensor } {
  const queryWidth = config.heads * config.headWidth
  const keyWidth = config.kvHeads * config.headWidth
  const turn = (t: Tensor) => {
    if (!tables) return t
    const [, size] = t.shape
    return reshapeBy(rotate(reshapeBy(t, [1, -1, size], [1, rows, size]), positions, tables), [-1, size], [rows, size])
  }
  const headNorm = (t: Tensor, scale: Float32Array) => {
    const [, size] = t.shape
    const heads = reshapeBy(t, [-1, config.headWidth], [(rows * size) / config.headWidth, config.headWidth])
    const normalised = rmsNorm(heads, constant(scale, [config.headWidth]), config.normEpsilon)
    return reshapeBy(normalised, [-1, size], [rows, size])
  }
  const qkv = product(x, layer.qkv)
  if (layer.queryNorm && layer.keyNorm) {
    const [q, k, v] = split(qkv, 1, [queryWidth, keyWidth, keyWidth])
    return { q: turn(headNorm(q, layer.queryNorm)), k: turn(headNorm(k, layer.keyNorm)), v }
  }
  if (!tables) {
    const [q, k, v] = split(qkv, 1, [queryWidth, keyWidth, keyWidth])
    return { q, k, v }
  }
  const [both, v] = split(qkv, 1, [queryWidth + keyWidth, keyWidth])
  const [q, k] = split(turn(both), 1, [queryWidth, keyWidth])
  return { q, k, v }
}

function feedForward(config: GptConfig, layer: LayerWeights, x: Tensor): Tensor {
  const up = product(x, layer.up)
  if (config.activation === 'gelu') return product(gelu(up), layer.down)
  if (config.activation === 'relu2') return product(reluSquared(up), layer.down)
  const [gate, value] = split(up, 1, [config.hidden, config.hidden])
  return product(mul(silu(gate), value), layer.down)
}

const product = (x: Tensor, m: Matrix): Tensor =>
  linear(x, constant(m.weight, [m.out, m.in]), m.bias ? constant(m.bias, [m.out]) : undefined)

function normOf(config: GptConfig, norm: Norm): (x: Tensor) => Tensor {
  const weight = constant(norm.weight, [config.width])
  const { bias } = norm
  return bias
    ? (x) => layerNorm(x, weight, constant(bias, [config.width]), config.normEpsilon)
    : (x) => rmsNorm(x, weight, config.normEpsilon)
}
