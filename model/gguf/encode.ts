/** Values to the number formats of GGUF's tensors. */
import { firstOverflow, narrowF16 } from '../weights/halves.ts'
import { GgufError } from './error.ts'
import { type TensorType, tensorTypes } from './format.ts'

/** The formats that are written, by ggml's numbers. */
export const written = { f32: 0, f16: 1, q8_0: 8 } as const
export type GgufDtype = keyof typeof written

/** Number of the file's format in `general.file_type`. */
export const fileTypes: Record<GgufDtype, number> = { f32: 0, f16: 1, q8_0: 7 }

export const typeOf = (dtype: GgufDtype): TensorType => {
  const type = tensorTypes.get(written[dtype])
  if (type === undefined) throw new RangeError(`${dtype} is not among the types of tensors`)
  return type
}

const blockElements = 32

/** Bytes of `values` in a format. Throws GgufError where a finite value would become infinite. */
export function encode(values: Float32Array, dtype: GgufDtype, file: string, name: string): Uint8Array {
  if (dtype === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  if (dtype === 'q8_0') return quantize(values, file, name)
  const overflow = firstOverflow(values, 'f16')
  if (overflow >= 0) throw new GgufError(file, name, `value ${values[overflow]} is too large for f16; export f32`)
  return new Uint8Array(narrowF16(values).buffer)
}

/** ggml's q8_0: of each 32 values one scale, an IEEE half, and 32 whole numbers of 8 bits. */
function quantize(values: Float32Array, file: string, name: string): Uint8Array {
  const blocks = values.length / blockElements
  const { bytes: blockBytes } = typeOf('q8_0')
  const bytes = new Uint8Array(blocks * blockBytes)
  const view = new DataView(bytes.buffer)
  for (let block = 0; block < blocks; block++) {
    const from = block * blockElements
    let most = 0
    for (let i = from; i < from + blockElements; i++) most = Math.max(most, Math.abs(values[i]))
    const scale = Math.fround(most / 127)
    // From half the step above the largest half on, the scale would be infinite.
    if (!(scale < 65_520)) throw new GgufError(file, name, `value ${most} is too large for q8_0; export f32`)
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale)
    view.setFloat16(block * blockBytes, scale, true)
    for (let i = 0; i < blockElements; i++) {
      const value = Math.fround(values[from + i] * inverse)
      // Halves go away from zero, as C's roundf rounds them.
      view.setInt8(block * blockBytes + 2 + i, Math.sign(value) * Math.floor(Math.abs(value) + 0.5))
    }
  }
  return bytes
}
