/**
 * The weights as decoding wants them: query, key and value projections as one matrix, gate and up as one, and the
 * scale of attention multiplied into the queries, so that a step runs few, large products.
 */
import type { GptConfig } from '../config.ts'

export interface Matrix {
  /** [out, in]. */
  weight: Float32Array
  bias: Float32Array | null
  out: number
  in: number
}

export interface Norm {
  weight: Float32Array
  bias: Float32Array | null
}

export interface LayerWeights {
  firstNorm: Norm
  secondNorm: Norm
  /** Queries (scaled by headWidth^−½), keys, values. */
  qkv: Matrix
  /** Of each head, where the model normalises queries and keys; the query's holds the scale instead of `qkv`. */
  queryNorm: Float32Array | null
  keyNorm: Float32Array | null
  output: Matrix
  /** Gate, then up, for SwiGLU; up alone otherwise. */
  up: Matrix
  down: Matrix
}

export interface FusedWeights {
  embedding: Float32Array
  positions: Float32Array | null
  layers: LayerWeights[]
  finalNorm: Norm | null
  /** [vocabulary, width]. */
  logits: Matrix
}

type Lookup = (name: string) => Float32Array

/** Throws where a parameter is missing. */
export function fuseWeights(config: GptConfig, parameters: ReadonlyMap<string, Float32Array>): FusedWeights {
  const at: Lookup = (name) => {
    const values = parameters.get(name)
    if (!values) throw new Error(`the decoder needs a parameter "${name}" that was not given`)
    return values
  }
  const norm = (name: string): Norm => ({
    weight: at(`${name}.weight`),
    bias: config.norm === 'layernorm' ? at(`${name}.bias`) : null,
  })
  const table = at(config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight')
  return {
    embedding: at('model.embed_tokens.weight'),
    positions: config.positions === 'learned' ? at('model.embed_positions.weight') : null,
    layers: Array.from({ length: config.layers }, (_, layer) => layerOf(config, at, norm, `model.layers.${layer}`)),
    finalNorm: config.normPlacement === 'pre' ? norm('model.norm') : null,
    logits: { weight: table, bias: null, out: config.vocabSize, in: config.width },
  }
}

/** Every array, in an order that hangs on the model's shape alone. */
export function arraysOf(weights: FusedWeights): Float32Array[] {
  const norm = (of: Norm | null) => [of?.weight, of?.bias]
  const matrix = (of: Matrix) => [of.weight, of.bias]
  const all = [
    weights.embedding,
    weights.positions,
    ...weights.layers.flatMap((layer) => [
      ...[layer.firstNorm, layer.secondNorm].flatMap(norm),
      ...[layer.qkv, layer.output, layer.up, layer.down].flatMap(matrix),
      layer.queryNorm,
      layer.keyNorm,
    ]),
    ...norm(weights.finalNorm),
    ...matrix(weights.logits),
  ]
  return all.filter((array) => array !== null && array !== undefined)
}

function layerOf(config: GptConfig, at: Lookup, norm: (name: string) => Norm, layer: string): LayerWeights {
  const { width, hidden } = config
  const queryWidth = config.heads * config.headWidth
  const attention = `${layer}.self_attn`
  const scale = 1 / Math.sqrt(config.headWidth)
  const scaled = (values: Float32Array) => values.map((v) => v * scale)
  const query = config.qkNorm ? (values: Float32Array) => values : scaled
  const stack = (
    names: string[],
    input: number,
    bias: boolean,
    change: (v: Float32Array, i: number) => Float32Array,
  ) => {
    const weight = join(names.map((name, i) => change(at(`${name}.weight`), i)))
    const biases = bias ? join(names.map((name, i) => change(at(`${name}.bias`), i))) : null
    return { weight, bias: biases, out: weight.length / input, in: input }
  }
  const plain = (v: Float32Array) => v
  const up = config.activation === 'swiglu' ? ['gate_proj', 'up_proj'] : ['up_proj']
  return {
    firstNorm: norm(`${layer}.input_layernorm`),
    secondNorm: norm(`${layer}.post_attention_layernorm`),
    qkv: stack(
      ['q_proj', 'k_proj', 'v_proj'].map((name) => `${attention}.${name}`),
      width,
      config.biases || config.qkvBias,
      (v, i) => (i === 0 ? query(v) : v),
    ),
    queryNorm: config.qkNorm ? scaled(at(`${attention}.q_norm.weight`)) : null,
    keyNorm: config.qkNorm ? at(`${attention}.k_norm.weight`) : null,
    output: stack([`${attention}.o_proj`], queryWidth, config.biases, plain),
    up: stack(
      up.map((name) => `${layer}.mlp.${name}`),
      width,
      config.biases,
      plain,
    ),
    down: stack([`${layer}.mlp.down_proj`], hidden, config.biases, plain),
  }
}

function join(parts: Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0]
  const all = new Float32Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    all.set(p, at)
    at += p.length
  }
  return all
}
