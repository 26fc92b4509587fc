/**
 * One pass of the model over new tokens, given the keys and values of those before. Two forms: one new token for each of
 * many sequences (decode), and many new tokens of few sequences (prefill). Batch, chunk and cache length are free axes.
 */
import { type RotaryTables, rotaryTables } from '#tensor/attention'
import { add, gelu, mul, reluSquared, silu } from '#tensor/elementwise'
import { cutEnd, freeInput, reshapeBy, rotateHeads, type Shaped } from '#tensor/flexible'
import { constant, input, type Tensor } from '#tensor/graph'
import { gatherRows } from '#tensor/indexing'
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
  /**
   * Attention of new queries [rows, heads, 1, headWidth] over the cache and the new keys and values
   * [rows, kvHeads, 1, headWidth], as [rows, heads · headWidth].
   */
  attend(q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor): Tensor
  /** The rows whose logits are wanted. */
  wanted(x: Tensor): Tensor
}

export interface StepGraph {
  outputs: StepOutputs
  /** Weights that are inputs of the graph, to be fed at each run. */
  weights: Readonly<Record<string, Shaped>>
}

export interface StepOutputs extends Record<string, Tensor> {
  /** [rows, vocabulary], or [wanted, vocabulary] in prefill. */
  logits: Tensor
  /** New keys and values, [rows, layers · 2 · kvHeads, 1, headWidth]: for each layer its keys, then its values. */
  fresh: Tensor
}

/**
 * One token for each sequence. Inputs: states [batch, width] (embedded), positions [batch, 1], mask
 * [batch, 1, 1, 1, past + 1] to add to the scores (the last place is the token itself), and for each layer keys and
 * values [batch, kvHeads, 1, past, headWidth].
 */
export function decodeGraph(config: GptConfig, weights: FusedWeights, limit?: ConstantLimit): StepGraph {
  const { heads, kvHeads, headWidth: width } = config
  const group = heads / kvHeads
  // One row a product: a key head is read again for each query of its group, but from the nearest cache, and a product of
  // one row reads its matrix where it lies, while one of several rows packs it first.
  const apart = (t: Tensor, per: number) => reshapeBy(t, [-1, kvHeads, per, 1, width], [rows, kvHeads, per, 1, width])
  return graph(config, weights, holderOf(weights, limit), {
    cacheShape: [rows, kvHeads, 1, past, width],
    cacheFree: [0, 3],
    mask: freeInput('mask', [rows, 1, 1, 1, past + 1], [0, 4]),
    attend(q, k, v, keys, values) {
      const queries = apart(q, group)
      const before = matmul(queries, keys, { transposeB: true })
      const own = matmul(queries, apart(k, 1), { transposeB: true })
      const weight = softmax(add(concat([before, own], 4), this.mask))
      const [weightBefore, weightOwn] = cutEnd(weight, 4, 1)
      const o = add(matmul(weightBefore, values), mul(weightOwn, apart(v, 1)))
      return reshapeBy(o, [-1, heads * width], [rows, heads * width])
    },
    wanted: (x) => x,
  })
}

/**
 * Many tokens, of one sequence or several, as the mask has it. Inputs: states [tokens, width], positions [tokens, 1], mask
 * [tokens, past + tokens], wanted [count]: the tokens whose logits are wanted, and for each layer keys and values
 * [kvHeads, 1, past, headWidth] of one sequence.
 */
export function prefillGraph(config: GptConfig, weights: FusedWeights, limit?: ConstantLimit): StepGraph {
  const { heads, kvHeads, headWidth: width } = config
  const group = heads / kvHeads
  const byHead = (t: Tensor, per: number) =>
    transpose(reshapeBy(t, [-1, kvHeads, per, width], [rows, kvHeads, per, width]), [1, 2, 0, 3])
  return graph(config, weights, holderOf(weights, limit), {
    cacheShape: [kvHeads, 1, past, width],
    cacheFree: [2],
    mask: freeInput('mask', [rows, past + rows], [0, 1]),
    attend(q, k, v, keys, values) {
      const allKeys = concat([keys, byHead(k, 1)], 2)
      const allValues = concat([values, byHead(v, 1)], 2)
      const scores = matmul(byHead(q, group), allKeys, { transposeB: true })
      const o = matmul(softmax(add(scores, this.mask)), allValues)
      return reshapeBy(transpose(o, [2, 0, 1, 3]), [-1, heads * width], [rows, heads * width])
    },
    wanted: (x) => gatherRows(x, freeInput('wanted', [1], [0], 'int64')),
  })
}

/** Makes weights tensors of the graph. */
interface Holder {
  hold(m: Matrix): Tensor
  vector(values: Float32Array): Tensor
  fed: Record<string, Shaped>
}

/** Bytes of matrices that may be constants of the graph; or, where weights change from run to run, none is one. */
export type ConstantLimit = number | 'changing'

/** A protocol buffer ends at 2 GiB; the rest of the graph is small. */
const constantLimit = 1.5 * 2 ** 30

/**
 * Matrices are constants where they fit: ONNX Runtime then packs them once, and a batch runs two times as fast as with
 * matrices packed at each run. Those of a model beyond `limit` bytes are inputs.
 */
function holderOf(weights: FusedWeights, limit: ConstantLimit = constantLimit): Holder {
  const matrices = [
    weights.logits,
    ...weights.layers.flatMap((layer) => [layer.qkv, layer.output, layer.up, layer.down]),
  ]
  const bytes = matrices.reduce((sum, m) => sum + m.weight.byteLength, 0)
  const fed: Record<string, Shaped> = {}
  const feed = (values: Float32Array, shape: number[]): Tensor => {
    const name = `weights${Object.keys(fed).length}`
    fed[name] = { values, shape }
    return input(name, shape)
  }
  const constants = limit !== 'changing' && bytes <= limit
  return {
    fed,
    hold: (m) => (constants ? constant : feed)(m.weight, [m.out, m.in]),
    vector: (values) => (limit === 'changing' ? feed : constant)(values, [values.length]),
  }
}

function graph(config: GptConfig, weights: FusedWeights, holder: Holder, form: Form): StepGraph {
  const { width, headWidth } = config
  const product: Product = (x, m) => linear(x, holder.hold(m), m.bias ? holder.vector(m.bias) : undefined)
  const positions = freeInput('positions', [rows, 1], [0], 'int64')
  const tables = config.positions === 'rope' ? rotaryTables(config.contextLength, headWidth, config.ropeTheta) : null
  let x = freeInput('states', [rows, width], [0])
  const fresh: Tensor[] = []
  for (const [index, layer] of weights.layers.entries()) {
    const keys = freeInput(keysOf(index), form.cacheShape, form.cacheFree)
    const values = freeInput(valuesOf(index), form.cacheShape, form.cacheFree)
    const attention = (t: Tensor) => {
      const { q, k, v } = project({ config, layer, positions, tables, holder }, product(t, layer.qkv))
      fresh.push(k, v)
      return product(form.attend(q, k, v, keys, values), layer.output)
    }
    const forward = (t: Tensor) => feedForward(config, layer, t, product)
    const first = normOf(config, layer.firstNorm, holder)
    const second = normOf(config, layer.secondNorm, holder)
    if (config.normPlacement === 'pre') {
      x = add(x, attention(first(x)))
      x = add(x, forward(second(x)))
    } else {
      x = first(add(x, attention(x)))
      x = second(add(x, forward(x)))
    }
  }
  const last = form.wanted(x)
  const states = weights.finalNorm ? normOf(config, weights.finalNorm, holder)(last) : last
  const outputs = { logits: product(states, weights.logits), fresh: concat(fresh, 1) }
  return { outputs, weights: holder.fed }
}

type Product = (x: Tensor, m: Matrix) => Tensor

interface Projection {
  config: GptConfig
  layer: LayerWeights
  positions: Tensor
  tables: RotaryTables | null
  holder: Holder
}

/** Queries [rows, heads, 1, headWidth], keys and values [rows, kvHeads, 1, headWidth], normalised and turned. */
function project(
  { config, layer, positions, tables, holder }: Projection,
  stacked: Tensor,
): { q: Tensor; k: Tensor; v: Tensor } {
  const { heads, kvHeads, headWidth, normEpsilon } = config
  const turn = (t: Tensor) => (tables ? rotateHeads(t, positions, tables) : t)
  const headNorm = (t: Tensor, scale: Float32Array | null) =>
    scale ? rmsNorm(t, holder.vector(scale), normEpsilon) : t
  const all = heads + 2 * kvHeads
  const qkv = reshapeBy(stacked, [-1, all, 1, headWidth], [rows, all, 1, headWidth])
  if (!tables || layer.queryNorm) {
    const [q, k, v] = split(qkv, 1, [heads, kvHeads, kvHeads])
    return { q: turn(headNorm(q, layer.queryNorm)), k: turn(headNorm(k, layer.keyNorm)), v }
  }
  const [both, v] = split(qkv, 1, [heads + kvHeads, kvHeads])
  const [q, k] = split(turn(both), 1, [heads, kvHeads])
  return { q, k, v }
}

function feedForward(config: GptConfig, layer: LayerWeights, x: Tensor, product: Product): Tensor {
  const up = product(x, layer.up)
  if (config.activation === 'gelu') return product(gelu(up), layer.down)
  if (config.activation === 'relu2') return product(reluSquared(up), layer.down)
  const [gate, value] = split(up, 1, [config.hidden, config.hidden])
  return product(mul(silu(gate), value), layer.down)
}

function normOf(config: GptConfig, norm: Norm, holder: Holder): (x: Tensor) => Tensor {
  const weight = holder.vector(norm.weight)
  const bias = norm.bias && holder.vector(norm.bias)
  return bias ? (x) => layerNorm(x, weight, bias, config.normEpsilon) : (x) => rmsNorm(x, weight, config.normEpsilon)
}
