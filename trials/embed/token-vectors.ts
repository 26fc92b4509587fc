/**
 * The smallest model that can be trained for the purpose: a vector for each token, a text is their mean of length one.
 * InfoNCE with the batch's other targets as negatives, in both directions; Adam over the rows that a batch touches.
 */
export interface TokenVectors {
  width: number
  table: Float32Array
}

const rate = 0.003
const [decay1, decay2, tiny] = [0.9, 0.99, 1e-8]
/** Cosines are multiplied by this before the softmax. */
const sharpness = 20

export function embed({ table, width }: TokenVectors, ids: Uint32Array): { unit: Float32Array; norm: number } {
  const unit = new Float32Array(width)
  for (const id of ids) for (let at = 0; at < width; at++) unit[at] += table[id * width + at]
  let norm = 1e-9
  for (const value of unit) norm += value * value
  norm = Math.sqrt(norm)
  for (let at = 0; at < width; at++) unit[at] /= norm
  return { unit, norm }
}

export class ContrastiveTrainer {
  readonly model: TokenVectors
  readonly #first: Float32Array
  readonly #second: Float32Array
  readonly #gradient: Float32Array
  #steps = 0

  constructor(vocabulary: number, width: number, random: () => number) {
    const size = vocabulary * width
    this.model = { width, table: Float32Array.from({ length: size }, () => (random() - 0.5) / Math.sqrt(width)) }
    this.#first = new Float32Array(size)
    this.#second = new Float32Array(size)
    this.#gradient = new Float32Array(size)
  }

  /** One step over pairs of texts; gives the loss, in nats. */
  step(queries: readonly Uint32Array[], targets: readonly Uint32Array[]): number {
    const { model } = this
    const [asked, wanted] = [queries.map((ids) => embed(model, ids)), targets.map((ids) => embed(model, ids))]
    const size = queries.length
    const score = asked.map((a) => Float32Array.from(wanted, (b) => sharpness * dot(a.unit, b.unit)))
    const slope = score.map(() => new Float32Array(size))
    let loss = 0
    for (let one = 0; one < size; one++) {
      loss += softmaxInto(
        size,
        (at) => score[one][at],
        one,
        (at, value) => (slope[one][at] += value),
      )
      loss += softmaxInto(
        size,
        (at) => score[at][one],
        one,
        (at, value) => (slope[at][one] += value),
      )
    }
    const touched = new Set<number>()
    for (let one = 0; one < size; one++) {
      this.#spread(asked[one], wanted, (at) => slope[one][at] / size, queries[one], touched)
      this.#spread(wanted[one], asked, (at) => slope[at][one] / size, targets[one], touched)
    }
    this.#update(touched)
    return loss / (2 * size)
  }

  /** The slope of a text's vector, through its length, to its tokens. */
  #spread(
    { unit, norm }: { unit: Float32Array; norm: number },
    others: readonly { unit: Float32Array }[],
    weight: (at: number) => number,
    ids: Uint32Array,
    touched: Set<number>,
  ): void {
    const { width } = this.model
    const slope = new Float32Array(width)
    for (const [at, other] of others.entries()) {
      const factor = 0.5 * sharpness * weight(at)
      for (let each = 0; each < width; each++) slope[each] += factor * other.unit[each]
    }
    const along = dot(slope, unit)
    for (let each = 0; each < width; each++) slope[each] = (slope[each] - along * unit[each]) / norm
    for (const id of ids) {
      touched.add(id)
      for (let each = 0; each < width; each++) this.#gradient[id * width + each] += slope[each]
    }
  }

  #update(touched: ReadonlySet<number>): void {
    const { width, table } = this.model
    this.#steps++
    const [fix1, fix2] = [1 - decay1 ** this.#steps, 1 - decay2 ** this.#steps]
    for (const id of touched) {
      for (let at = id * width; at < (id + 1) * width; at++) {
        const slope = this.#gradient[at]
        this.#first[at] = decay1 * this.#first[at] + (1 - decay1) * slope
        this.#second[at] = decay2 * this.#second[at] + (1 - decay2) * slope * slope
        table[at] -= (rate * this.#first[at]) / fix1 / (Math.sqrt(this.#second[at] / fix2) + tiny)
        this.#gradient[at] = 0
      }
    }
  }
}

/** Hands on the slope of a softmax's cross-entropy at each place, and gives the cross-entropy. */
function softmaxInto(
  size: number,
  score: (at: number) => number,
  right: number,
  add: (at: number, value: number) => void,
) {
  let highest = Number.NEGATIVE_INFINITY
  for (let at = 0; at < size; at++) highest = Math.max(highest, score(at))
  let sum = 0
  for (let at = 0; at < size; at++) sum += Math.exp(score(at) - highest)
  for (let at = 0; at < size; at++) add(at, Math.exp(score(at) - highest) / sum - (at === right ? 1 : 0))
  return highest + Math.log(sum) - score(right)
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at]
  return sum
}
