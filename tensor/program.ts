/** Compiles expressions to an ONNX Runtime session and runs them. */
import { type DType, type Shape, ShapeError, show, sizeOf, type Tensor } from './graph.ts'
import { openSession, type Session, type Wrapped, wrapArray } from './onnx/runtime.ts'
import { writeOnnx } from './onnx/write.ts'
import { simplify } from './simplify.ts'

export type Provider = 'cpu' | 'webgpu' | 'cuda'
export type Values = Float32Array | BigInt64Array | Int32Array | Uint8Array

export interface CompileOptions {
  provider?: Provider
  /** Threads inside one operation. */
  threads?: number
}

/** The execution provider is not on this machine, or refused the graph. */
export class ProviderError extends Error {
  override name = 'ProviderError'
}

interface Slot {
  shape: Shape
  dtype: DType
}

/** A compiled graph. Inputs and outputs are addressed by name. */
export interface Program {
  readonly inputs: ReadonlyMap<string, Slot>
  readonly outputs: ReadonlyMap<string, Slot>
  /**
   * Runs the graph. `feeds` gives every input; an output named in `into` is written into that array, without a copy
   * (it may be the array of an input that is used up to compute it); other outputs come back in new arrays.
   */
  run(feeds: Readonly<Record<string, Values>>, into?: Readonly<Record<string, Values>>): Promise<Record<string, Values>>
  release(): Promise<void>
}

/** The ONNX model of the named outputs, as bytes. */
export function toOnnx(outputs: Readonly<Record<string, Tensor>>): Uint8Array {
  return lower(outputs).bytes
}

function lower(outputs: Readonly<Record<string, Tensor>>) {
  const keys = Object.keys(outputs)
  const graph = simplify(Object.values(outputs))
  const bytes = writeOnnx({
    nodes: graph.nodes,
    inputsOf: (node) => node.inputs,
    outputs: graph.outputs.map((tensor, i) => ({ name: keys[i], tensor })),
  })
  const inputs = new Map<string, Slot>()
  for (const node of graph.nodes) {
    if (node.op !== 'Input') continue
    const name = node.name ?? ''
    if (inputs.has(name) || Object.hasOwn(outputs, name))
      throw new ShapeError(`compile: "${name}" names an input and something else too; rename one`)
    inputs.set(name, node.outputs[0])
  }
  return { bytes, inputs, outputs: new Map<string, Slot>(Object.entries(outputs)) }
}

/** Compiles the named outputs. Throws a ProviderError where the provider is missing. */
export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
): Promise<Program> {
  const { provider = 'cpu', threads = 1 } = options
  const lowered = lower(outputs)
  const session = await open(lowered.bytes, provider, threads)
  const cache = new TensorCache()
  return {
    inputs: lowered.inputs,
    outputs: lowered.outputs,
    release: () => session.release(),
    run: async (feeds, into = {}) => {
      const given: Record<string, Wrapped> = {}
      for (const [name, slot] of lowered.inputs) given[name] = cache.tensor(name, feeds[name], slot)
      const fetches: Record<string, Wrapped | null> = {}
      for (const [name, slot] of lowered.outputs)
        fetches[name] = into[name] ? cache.tensor(name, into[name], slot) : null
      const results = await session.run(given, fetches)
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, into[name] ?? (t.data as Values)]))
    },
  }
}

async function open(bytes: Uint8Array, provider: Provider, threads: number): Promise<Session> {
  return await openSession(bytes, provider, threads).catch((cause: unknown) => {
    throw new ProviderError(`${advice[provider]} ONNX Runtime says: ${String(cause)}`, { cause })
  })
}

const advice: Record<Provider, string> = {
  cpu: 'ONNX Runtime could not prepare the graph on the processor.',
  webgpu:
    'The execution provider "webgpu" cannot be used here: it needs a graphics card with a Vulkan, Metal or Direct3D 12 driver. Choose "cpu", which runs everywhere.',
  cuda: 'The execution provider "cuda" cannot be used here: it needs an NVIDIA card with CUDA 12, cuDNN 9 and ONNX Runtime\'s CUDA libraries. Choose "cpu", which runs everywhere.',
}

const arrays: Record<DType, new (size: number) => Values> = {
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
}

/** Wrapping an array costs a call each; a training step passes the same arrays again and again. */
class TensorCache {
  private readonly known = new WeakMap<Values, Map<string, Wrapped>>()

  tensor(name: string, values: Values | undefined, slot: Slot): Wrapped {
    if (!values) throw new ShapeError(`run: no values for "${name}" ${show(slot.shape)}`)
    const byName = this.known.get(values) ?? new Map<string, Wrapped>()
    this.known.set(values, byName)
    const before = byName.get(name)
    if (before) return before
    if (values.length !== sizeOf(slot.shape))
      throw new ShapeError(`run: ${values.length} values for "${name}" do not fill ${show(slot.shape)}`)
    if (!(values instanceof arrays[slot.dtype]))
      throw new ShapeError(`run: "${name}" is ${slot.dtype}, given as a ${values.constructor.name}`)
    const wrapped = wrapArray(slot.dtype, values, slot.shape)
    byName.set(name, wrapped)
    return wrapped
  }
}
