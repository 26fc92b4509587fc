import type { Node } from '../graph.ts'
import type { Value } from './array.ts'
import { type Interpretations, intOf } from './rule.ts'

/**
 * com.microsoft RotaryEmbedding of x [batch, length, heads · width] with tables [positions, width / 2]: pairs lie half a
 * head apart, or side by side where interleaved; or of x [batch, heads, length, width]. Positions are [batch, length], or
 * [1]: the first position.
 */
function rotary(node: Node, [x, positions, cos, sin]: readonly Value[]): Value {
  const half = cos.shape[1]
  const width = 2 * half
  const interleaved = intOf(node, 'interleaved', 0) === 1
  const apart = x.shape.length === 4
  const heads = apart ? x.shape[1] : x.shape[2] / width
  const length = apart ? x.shape[2] : x.shape[1]
  // Which token, of all in the batch, the head with this number belongs to.
  const tokenOf = (head: number) =>
    apart ? Math.floor(head / (heads * length)) * length + (head % length) : Math.floor(head / heads)
  const data = Float64Array.from(x.data)
  for (let at = 0; at < x.data.length; at += width) {
    const token = tokenOf(at / width)
    const position = positions.data.length === 1 ? positions.data[0] + (token % length) : positions.data[token]
    for (let i = 0; i < half; i++) {
      const first = at + (interleaved ? 2 * i : i)
      const second = interleaved ? first + 1 : first + half
      const c = cos.data[position * half + i]
      const s = sin.data[position * half + i]
      data[first] = x.data[first] * c - x.data[second] * s
      data[second] = x.data[second] * c + x.data[first] * s
    }
  }
  return { shape: x.shape, data }
}

export const rotaries: Interpretations = { RotaryEmbedding: (node, inputs) => [rotary(node, inputs)] }
