/** The one place that loads ONNX Runtime. */
import './silence.ts'
import * as ort from 'onnxruntime-node'

/** A compiled model in ONNX Runtime. */
export type Session = ort.InferenceSession
/** An array with its shape, as a session takes it. */
export type Wrapped = ort.Tensor

/** Prepares a model, given as bytes, with `threads` threads inside one operation. Rejects where the provider is missing. */
export function openSession(bytes: Uint8Array, provider: string, threads: number): Promise<Session> {
  return ort.InferenceSession.create(bytes, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1' } },
  })
}

/** Wraps an array without copying it; it must be of the type's own array class. */
export function wrapArray(dtype: string, values: ArrayLike<unknown>, shape: readonly number[]): Wrapped {
  return new ort.Tensor(dtype as 'float32', values as Float32Array, [...shape])
}

/** The execution providers that come with this build; others need libraries of the system's. */
export const listProviders = (): string[] =>
  ort
    .listSupportedBackends()
    .filter(({ bundled }) => bundled)
    .map(({ name }) => name)
