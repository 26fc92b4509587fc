/**
 * How likely a text is, token by token: one pass over a beginning and all the ways in which it may go on, so that the
 * beginning is read once. No cache is kept between passes.
 */
import { compileFlexible, type FlexibleProgram, type Shaped } from '#tensor/flexible'
import type { GptConfig } from './config.ts'
import { type FusedWeights, fuseWeights } from './decoding/fused-weights.ts'
import { keysOf, prefillGraph, valuesOf } from './decoding/graphs.ts'
import { logSumExp } from './decoding/logprobs.ts'
import { loadModel } from './weights.ts'

export interface TokenLikelihood {
  id: number
  /** Natural logarithm, under the model's own distribution. */
  logprob: number
  /** Whether no other token was likelier. */
  likeliest: boolean
}

/** Computes log-probabilities of given texts. */
export interface LikelihoodModel {
  readonly contextLength: number
  readonly vocabSize: number
  /**
   * The likelihood of every token of each branch after `beginning`, which holds at least one token; the branches do not
   * see one another. @throws RangeError where the beginning with a branch is longer than the window.
   */
  score(beginning: Uint32Array, branches: readonly Uint32Array[]): Promise<TokenLikelihood[][]>
  close(): Promise<void>
}

export interface LikelihoodOptions {
  /** Threads inside one operation. */
  threads: number
  /** Tokens that the tokenizer knows; those beyond are never chosen, and so have no share (default: all). */
  vocabulary?: number
}

/** Opens the model in a folder. Throws what `loadModel` throws. `score` blocks its thread while the model runs. */
export async function openLikelihood(folder: string, options: LikelihoodOptions): Promise<LikelihoodModel> {
  const { config, parameters } = await loadModel(folder)
  return createLikelihood(config, new Map([...parameters].map(([name, { data }]) => [name, data])), options)
}

/** Of parameters in memory; they must not change while it is open. */
export async function createLikelihood(
  config: GptConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  { threads, vocabulary = config.vocabSize }: LikelihoodOptions,
): Promise<LikelihoodModel> {
  const weights = fuseWeights(config, parameters)
  const graph = prefillGraph(config, weights)
  const program = await compileFlexible(graph.outputs, threads)
  return new Passes(config, weights, program, {
    fed: graph.weights,
    vocabulary: Math.min(vocabulary, config.vocabSize),
  })
}

/** Far below any score, yet far from overflowing when scores are added. */
const hidden = -1e9
/** Most tokens of one pass; a mask of their square is made for it. */
const passTokens = 2048

class Passes implements LikelihoodModel {
  readonly contextLength: number
  readonly vocabSize: number
  private readonly config: GptConfig
  private readonly embedding: Float32Array
  private readonly positionTable: Float32Array | null
  private readonly program: FlexibleProgram
  private readonly fed: Readonly<Record<string, Shaped>>
  /** Stands for an empty cache: one place that is masked away. */
  private readonly nothing: Shaped

  constructor(
    config: GptConfig,
    weights: FusedWeights,
    program: FlexibleProgram,
    { fed, vocabulary }: { fed: Readonly<Record<string, Shaped>>; vocabulary: number },
  ) {
    this.config = config
    this.contextLength = config.contextLength
    this.vocabSize = vocabulary
    this.embedding = weights.embedding
    this.positionTable = weights.positions
    this.program = program
    this.fed = fed
    const shape = [config.kvHeads, 1, 1, config.headWidth]
    this.nothing = { values: new Float32Array(config.kvHeads * config.headWidth), shape }
  }

  async score(beginning: Uint32Array, branches: readonly Uint32Array[]): Promise<TokenLikelihood[][]> {
    this.check(beginning, branches)
    const scored: TokenLikelihood[][] = []
    for (let from = 0; from < branches.length; ) {
      let to = from + 1
      let tokens = beginning.length + branches[from].length
      while (to < branches.length && tokens + branches[to].length <= passTokens) tokens += branches[to++].length
      scored.push(...(await this.pass(beginning, branches.slice(from, to))))
      from = to
    }
    return scored
  }

  async close(): Promise<void> {
    await this.program.release()
  }

  private check(beginning: Uint32Array, branches: readonly Uint32Array[]): void {
    if (beginning.length === 0) throw new RangeError('beginning: it holds no token that the first branch could follow')
    const longest = branches.reduce((most, { length }) => Math.max(most, length), 0)
    if (beginning.length + longest > this.contextLength)
      throw new RangeError(
        `branches: ${beginning.length} and ${longest} tokens are more than the window of ${this.contextLength}; shorten the text`,
      )
    for (const ids of [beginning, ...branches])
      for (const id of ids)
        if (id >= this.vocabSize) throw new RangeError(`token ${id} is not below the vocabulary of ${this.vocabSize}`)
  }

  /** The beginning, then each branch, in one row: a branch's last token needs no pass, for nothing follows it. */
  private async pass(beginning: Uint32Array, branches: readonly Uint32Array[]): Promise<TokenLikelihood[][]> {
    const { config, program } = this
    const inner = branches.map((ids) => ids.subarray(0, Math.max(0, ids.length - 1)))
    const count = inner.reduce((sum, ids) => sum + ids.length, beginning.length)
    const states = new Float32Array(count * config.width)
    const positions = new BigInt64Array(count)
    const mask = new Float32Array(count * (count + 1)).fill(hidden)
    this.place(beginning, 0, 0, states, positions, mask, 0)
    const starts: number[] = []
    let at = beginning.length
    for (const ids of inner) {
      starts.push(at)
      this.place(ids, at, beginning.length, states, positions, mask, beginning.length)
      at += ids.length
    }
    const wanted = BigInt64Array.from(branches.flatMap((ids, b) => wantedOf(ids.length, beginning.length, starts[b])))
    const logits = new Float32Array(wanted.length * config.vocabSize)
    if (wanted.length > 0)
      await program.run(this.feeds(states, positions, mask, wanted), {
        logits: { values: logits, shape: [wanted.length, config.vocabSize] },
        fresh: this.fresh(count),
      })
    let row = 0
    const next = () => {
      const start = row++ * config.vocabSize
      return logits.subarray(start, start + this.vocabSize)
    }
    return branches.map((ids) => Array.from(ids, (id) => likelihood(next(), id)))
  }

  /** Writes tokens into the row from `at` on; each sees the first `shared` tokens and those of its own part before it. */
  private place(
    ids: Uint32Array,
    at: number,
    position: number,
    states: Float32Array,
    positions: BigInt64Array,
    mask: Float32Array,
    shared: number,
  ): void {
    const { width } = this.config
    const wide = positions.length + 1
    for (let i = 0; i < ids.length; i++) {
      const to = (at + i) * width
      states.set(this.embedding.subarray(ids[i] * width, (ids[i] + 1) * width), to)
      const table = this.positionTable
      if (table) for (let c = 0; c < width; c++) states[to + c] += table[(position + i) * width + c]
      positions[at + i] = BigInt(position + i)
      const row = (at + i) * wide + 1
      mask.fill(0, row, row + shared)
      mask.fill(0, row + at, row + at + i + 1)
    }
  }

  private feeds(states: Float32Array, positions: BigInt64Array, mask: Float32Array, wanted: BigInt64Array) {
    const count = positions.length
    const feeds: Record<string, Shaped> = {
      ...this.fed,
      states: { values: states, shape: [count, this.config.width] },
      positions: { values: positions, shape: [count, 1] },
      mask: { values: mask, shape: [count, count + 1] },
      wanted: { values: wanted, shape: [wanted.length] },
    }
    for (let layer = 0; layer < this.config.layers; layer++) {
      feeds[keysOf(layer)] = this.nothing
      feeds[valuesOf(layer)] = this.nothing
    }
    return feeds
  }

  private fresh(count: number): Shaped {
    const { layers, kvHeads, headWidth } = this.config
    const values = new Float32Array(count * layers * 2 * kvHeads * headWidth)
    return { values, shape: [count, layers * 2 * kvHeads, 1, headWidth] }
  }
}

/** The rows whose logits say how likely a branch's tokens are: that of the beginning's last token, then the branch's own. */
const wantedOf = (length: number, beginning: number, start: number): bigint[] =>
  Array.from({ length }, (_, i) => BigInt(i === 0 ? beginning - 1 : start + i - 1))

function likelihood(logits: Float32Array, id: number): TokenLikelihood {
  const own = logits[id]
  let likeliest = true
  for (let other = 0; other < logits.length; other++) if (logits[other] > own) likeliest = false
  return { id, logprob: own - logSumExp(logits), likeliest }
}
