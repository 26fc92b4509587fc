/** Holds compiled graphs, and gradients, against the float64 reference. For tests. */
import { mul } from './elementwise.ts'
import { grad } from './grad.ts'
import { type ConstantData, constant, input, type Shape, sizeOf, type Tensor, topological } from './graph.ts'
import { compile } from './program.ts'
import { sum } from './reduce.ts'
import { evaluate } from './reference.ts'

/** Values of inputs, by name: floats as float64, whose nearest float32 the runtime sees. */
export type Feeds = Readonly<Record<string, Float64Array | BigInt64Array | Int32Array | Uint8Array>>

/**
 * Inputs of these shapes, called x0, x1, …, with values for them: all different, none near zero, between −2.5 and 2.5 (or
 * 0.4 and 2.4), in an order that `seed` decides. So nothing lies where `abs`, `max` or a comparison has its corner.
 */
export function operands(shapes: readonly Shape[], seed: number, sign: 'any' | 'positive' = 'any') {
  const inputs = shapes.map((shape, i) => input(`x${i}`, shape))
  const count = inputs.reduce((n, t) => n + t.size, 0)
  const place = (k: number) => (k + 0.37) / count
  const values = shuffled(count, seed).map((k) => (sign === 'any' ? 5 * place(k) - 2.5 : 2 * place(k) + 0.4))
  const feeds: Record<string, Float64Array> = {}
  let start = 0
  for (const t of inputs) {
    feeds[t.node.name ?? ''] = values.slice(start, start + t.size)
    start += t.size
  }
  return { inputs, feeds }
}

function shuffled(count: number, seed: number): Float64Array {
  const random = randomNumbers(seed)
  const order = Float64Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

/** Numbers from 0 to 1, the same for the same seed (Steele 2014, SplitMix, in 32 bits). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
}

/** An int64 input with these values. */
export function integerOperand(name: string, shape: Shape, seed: number, below: number) {
  const random = randomNumbers(seed)
  const values = BigInt64Array.from({ length: sizeOf(shape) }, () => BigInt(Math.floor(random() * below)))
  return { tensor: input(name, shape, 'int64'), values }
}

export interface Discrepancy {
  /** Value and gradients as ONNX Runtime computes them, against the reference of the same expressions. */
  runtime: number
  /** Gradients of the reference against central differences of the reference. */
  gradient: number
}

/** Holds `y` and its gradients to `inputs` (those that are float32) against the reference in both ways. */
export async function discrepancy(y: Tensor, inputs: readonly Tensor[], feeds: Feeds): Promise<Discrepancy> {
  const scalar = mixed(y)
  const sources = inputs.filter((t) => t.dtype === 'float32')
  return {
    runtime: await runtimeDifference([y, ...grad(scalar, sources)], feeds),
    gradient: gradientDifference(scalar, sources, feeds),
  }
}

/** The largest |a − b| / (1 + |b|); equal infinities and NaN beside NaN count as equal, anything else beside them never. */
export function difference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const x = Number(a[i])
    const y = Number(b[i])
    if (Object.is(x, y)) continue
    const apart = Math.abs(x - y) / (1 + Math.abs(y))
    worst = Math.max(worst, Number.isFinite(apart) ? apart : Number.POSITIVE_INFINITY)
  }
  return worst
}

/** How far ONNX Runtime's outputs, after simplification and lowering, lie from the reference's: the worst `difference`. */
export async function runtimeDifference(outputs: readonly Tensor[], feeds: Feeds): Promise<number> {
  const program = await compile(Object.fromEntries(outputs.map((t, i) => [`output${i}`, t])))
  const single: Record<string, ConstantData> = {}
  const rounded: Record<string, Float64Array | ConstantData> = {}
  for (const [name, values] of Object.entries(feeds)) {
    single[name] = values instanceof Float64Array ? Float32Array.from(values) : values
    rounded[name] = single[name]
  }
  const results = await program.run(single)
  await program.release()
  return evaluate(outputs, rounded).reduce(
    (worst, expected, i) => Math.max(worst, difference(results[`output${i}`], expected)),
    0,
  )
}

/** A scalar that depends on every element of `y` in its own way, so that its gradient says all about y's. */
export function mixed(y: Tensor): Tensor {
  const weights = Float32Array.from({ length: y.size }, (_, i) => Math.cos(1.7 * i + 0.4))
  return sum(mul(y, constant(weights, y.shape)))
}

/**
 * How far the gradient expressions of a scalar lie from central differences of the reference, element by element:
 * the worst `difference`. `step` is the distance walked to both sides; errors are about step² and 1e-16 / step.
 */
export function gradientDifference(scalar: Tensor, sources: readonly Tensor[], feeds: Feeds, step = 1e-5): number {
  const gradients = evaluate(grad(scalar, sources), feeds)
  return sources.reduce((worst, source, i) => {
    const expected = centralDifferences(scalar, source.node.name ?? '', feeds, step)
    return Math.max(worst, difference(gradients[i], expected))
  }, 0)
}

function centralDifferences(scalar: Tensor, name: string, feeds: Feeds, step: number): Float64Array {
  const at = feeds[name] as Float64Array
  return at.map((value, i) => {
    const there = (to: number) => evaluate([scalar], { ...feeds, [name]: at.with(i, to) })[0][0]
    return (there(value + step) - there(value - step)) / (2 * step)
  })
}

/**
 * The same for sources of many elements: along random directions, `directions` for each source, the change of the scalar
 * against gradient · direction.
 */
export function slopeDifference(scalar: Tensor, sources: readonly Tensor[], feeds: Feeds, directions = 2): number {
  const gradients = evaluate(grad(scalar, sources), feeds)
  const step = 1e-5
  let worst = 0
  for (const [i, source] of sources.entries()) {
    const name = source.node.name ?? ''
    const at = feeds[name] as Float64Array
    for (let seed = 1; seed <= directions; seed++) {
      const random = randomNumbers(seed * 7919 + i)
      const direction = at.map(() => 2 * random() - 1)
      const there = (far: number) =>
        evaluate([scalar], { ...feeds, [name]: at.map((v, k) => v + far * direction[k]) })[0][0]
      const slope = (there(step) - there(-step)) / (2 * step)
      const expected = gradients[i].reduce((t, g, k) => t + g * direction[k], 0)
      worst = Math.max(worst, difference([expected], [slope]))
    }
  }
  return worst
}

/** How many nodes of each operation a list of outputs needs. */
export function countOperations(outputs: readonly Tensor[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { op } of topological(outputs)) counts[op] = (counts[op] ?? 0) + 1
  return counts
}
