/** Float32 to and from the 16-bit formats. Byte order is little-endian, as safetensors' and that of every machine Node runs on here. */

export type WeightDtype = 'f32' | 'f16' | 'bf16'

export const bytesPerElement: Record<WeightDtype, number> = { f32: 4, f16: 2, bf16: 2 }

let halfTable: Uint32Array | null = null

/** Bits of the float32 equal to each of the 65,536 halves, NaN payloads included. */
function halfBits(): Uint32Array {
  if (halfTable !== null) return halfTable
  const values = new Float32Array(new Float16Array(Uint16Array.from({ length: 65_536 }, (_, half) => half).buffer))
  halfTable = new Uint32Array(values.buffer)
  return halfTable
}

/** Writes the values of IEEE halves `source` into `target` from `start` on. */
export function widenF16(source: Uint16Array, target: Float32Array, start: number): void {
  const table = halfBits()
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length)
  for (let i = 0; i < source.length; i++) bits[start + i] = table[source[i]]
}

/** Writes the values of bfloat16s `source` into `target` from `start` on: a bfloat16 is the upper half of a float32. */
export function widenBf16(source: Uint16Array, target: Float32Array, start: number): void {
  const bits = new Uint32Array(target.buffer, target.byteOffset, target.length)
  for (let i = 0; i < source.length; i++) bits[start + i] = source[i] << 16
}

/** IEEE halves nearest to `source`, ties to even; too large becomes infinite. */
export function narrowF16(source: Float32Array): Uint16Array {
  return new Uint16Array(new Float16Array(source).buffer)
}

/** bfloat16s nearest to `source`, ties to even; NaN stays NaN. */
export function narrowBf16(source: Float32Array): Uint16Array {
  const bits = new Uint32Array(source.buffer, source.byteOffset, source.length)
  const target = new Uint16Array(source.length)
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]
    // A NaN whose payload lies in the lower half would round to infinity: keep it quiet instead.
    const isNaN = (word & 0x7fff_ffff) > 0x7f80_0000
    target[i] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return target
}

/** Index of the first finite value that `dtype` can only hold as infinity, or -1. */
export function firstOverflow(source: Float32Array, dtype: WeightDtype): number {
  // Halfway between the largest finite value and the next step: from here on rounding goes to infinity.
  const edge = dtype === 'f16' ? 65_520 : dtype === 'bf16' ? 2 ** 127 * (2 - 2 ** -8) : Number.POSITIVE_INFINITY
  for (let i = 0; i < source.length; i++) {
    const size = Math.abs(source[i])
    if (size >= edge && size !== Number.POSITIVE_INFINITY) return i
  }
  return -1
}
