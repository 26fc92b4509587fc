/**
 * Graphs whose inputs have axes of no fixed size, for inference: one session, and one packed copy of the weights,
 * serves every batch and every length. An expression is built with a nominal size on each free axis; nothing in it may
 * depend on that size, which is why reshapes and slices of such tensors are written with the two functions below.
 */
import type { RotaryTables } from './attention.ts'
import {
  type DType,
  float,
  int,
  integers,
  ints,
  Node,
  operation,
  type Shape,
  ShapeError,
  sizeOf,
  type Tensor,
} from './graph.ts'
import { openSession, type Wrapped, wrapArray } from './onnx/runtime.ts'
import { writeOnnx } from './onnx/write.ts'
import { ProviderError, type Values } from './program.ts'
import { simplify } from './simplify.ts'

/** An input whose axes in `free` may have any size at each run; `shape` holds nominal sizes for them. */
export function freeInput(name: string, shape: Shape, free: readonly number[], dtype: DType = 'float32'): Tensor {
  const node = new Node({ op: 'Input', name, attributes: { free: ints(free) }, outputs: [{ shape, dtype }] })
  return node.outputs[0]
}

/** Reshape by a pattern in which 0 keeps the dimension at that place and one −1 takes what is left; `nominal` is the result. */
export function reshapeBy(x: Tensor, pattern: readonly number[], nominal: Shape): Tensor {
  if (sizeOf(nominal) !== x.size)
    throw new ShapeError(`Reshape: [${x.shape.join(', ')}] does not fill [${nominal.join(', ')}]`)
  return operation('Reshape', [x, integers(pattern)], nominal, { dtype: x.dtype })
}

/** All but the last `count` elements of an axis, and those last ones. */
export function cutEnd(x: Tensor, axis: number, count: number): [rest: Tensor, end: Tensor] {
  const part = (from: number, to: number, size: number) =>
    operation(
      'Slice',
      [x, integers([from]), integers([to]), integers([axis])],
      x.shape.map((d, i) => (i === axis ? size : d)),
      { dtype: x.dtype },
    )
  return [part(0, -count, x.shape[axis] - count), part(-count, 2 ** 31 - 1, count)]
}

/**
 * Rotates the halves of each head of single tokens, as `rotate` of attention.ts does for sequences: x is
 * [tokens, heads, 1, headWidth], positions int64 [tokens, 1].
 */
export function rotateHeads(x: Tensor, positions: Tensor, tables: RotaryTables): Tensor {
  if (x.rank !== 4 || x.shape[2] !== 1 || x.shape[3] !== 2 * tables.cos.shape[1] || positions.size !== x.shape[0])
    throw new ShapeError(`RotaryEmbedding: [${x.shape.join(', ')}] does not fit [${positions.shape.join(', ')}]`)
  return operation('RotaryEmbedding', [x, positions, tables.cos, tables.sin], x.shape, {
    domain: 'com.microsoft',
    attributes: { interleaved: int(0), num_heads: int(0), rotary_embedding_dim: int(0), scale: float(1) },
  })
}

/** An array with the shape it has in this run. Passing the same object again saves wrapping it anew. */
export interface Shaped {
  readonly values: Values
  readonly shape: Shape
}

export interface FlexibleProgram {
  /** Runs the graph and writes every output in place into the arrays of `into`. */
  run(feeds: Readonly<Record<string, Shaped>>, into: Readonly<Record<string, Shaped>>): Promise<void>
  release(): Promise<void>
}

/** Compiles the named outputs for the CPU, with `threads` threads inside one operation. */
export async function compileFlexible(
  outputs: Readonly<Record<string, Tensor>>,
  threads: number,
): Promise<FlexibleProgram> {
  const keys = Object.keys(outputs)
  const graph = simplify(Object.values(outputs))
  const bytes = writeOnnx({
    nodes: graph.nodes,
    inputsOf: (node) => node.inputs,
    outputs: graph.outputs.map((tensor, i) => ({ name: keys[i], tensor })),
    flexible: true,
  })
  const session = await openSession(bytes, 'cpu', threads).catch((cause: unknown) => {
    throw new ProviderError(`ONNX Runtime could not prepare the graph: ${String(cause)}`, { cause })
  })
  const inputs = graph.nodes.filter((node) => node.op === 'Input').map((node) => node.outputs[0])
  const wrapped = new WeakMap<Shaped, Wrapped>()
  const wrap = (name: string, given: Shaped | undefined, dtype: DType): Wrapped => {
    if (!given) throw new ShapeError(`run: no values for "${name}"`)
    const before = wrapped.get(given)
    if (before) return before
    const tensor = wrapArray(dtype, given.values, given.shape)
    wrapped.set(given, tensor)
    return tensor
  }
  return {
    release: () => session.release(),
    run: async (feeds, into) => {
      const given: Record<string, Wrapped> = {}
      for (const t of inputs) given[t.node.name ?? ''] = wrap(t.node.name ?? '', feeds[t.node.name ?? ''], t.dtype)
      const fetches: Record<string, Wrapped> = {}
      for (const key of keys) fetches[key] = wrap(key, into[key], outputs[key].dtype)
      await session.run(given, fetches)
    },
  }
}
