/** Causal attention and rotary positions, with gradients that never visit the scores more often than needed. */
import { add, mul, sub } from './elementwise.ts'
import { constant, float, int, operation, type Shape, ShapeError, show, type Tensor, withGradient } from './graph.ts'
import { matmul } from './matmul.ts'
import { softmax } from './normalise.ts'
import { sum } from './reduce.ts'
import { concat, reshape, slice, transpose } from './reshape.ts'

export interface RotaryTables {
  cos: Tensor
  sin: Tensor
  /** For the way back: the rotation by the negative angle. */
  negativeSin: Tensor
}

/** Cosines and sines of position · theta^(−2i / headWidth) (Su 2021, section 3.2.2), as [positions, headWidth / 2]. */
export function rotaryTables(positions: number, headWidth: number, theta: number): RotaryTables {
  const half = headWidth / 2
  const shape: Shape = [positions, half]
  const angle = (at: number) => Math.floor(at / half) * theta ** ((-2 * (at % half)) / headWidth)
  const fill = (f: (angle: number) => number) =>
    constant(
      Float32Array.from({ length: positions * half }, (_, at) => f(angle(at))),
      shape,
    )
  return { cos: fill(Math.cos), sin: fill(Math.sin), negativeSin: fill((a) => -Math.sin(a)) }
}

/**
 * Rotates each head's halves by the position's angle (the half-split form of Hugging Face's Llama).
 * x is [batch, length, heads · headWidth], positions int64 [batch, length].
 */
export function rotate(x: Tensor, positions: Tensor, tables: RotaryTables): Tensor {
  if (x.rank !== 3 || positions.rank !== 2 || x.shape[0] !== positions.shape[0] || x.shape[1] !== positions.shape[1])
    throw new ShapeError(`RotaryEmbedding: ${show(x.shape)} does not fit positions ${show(positions.shape)}`)
  const width = tables.cos.shape[1] * 2
  if (x.shape[2] % width !== 0)
    throw new ShapeError(`RotaryEmbedding: ${show(x.shape)} does not divide into heads of ${width}`)
  const turn = (t: Tensor, sin: Tensor) =>
    operation('RotaryEmbedding', [t, positions, tables.cos, sin], t.shape, {
      domain: 'com.microsoft',
      attributes: {
        interleaved: int(0),
        num_heads: int(x.shape[2] / width),
        rotary_embedding_dim: int(0),
        scale: float(1),
      },
    })
  return withGradient(turn(x, tables.sin), [x], (g) => [turn(g, tables.negativeSin)])
}

/**
 * softmax(scale · q·kᵀ + mask)·v for q [n, rows, e], k and v [n, keys, e] and a mask that broadcasts to [n, rows, keys].
 * The gradient uses sum(dO · O) in place of sum(dP · P) (Dao 2022, section 3.1): one pass less over the scores.
 */
export function attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null, scale: number): Tensor {
  const scores = matmul(q, k, { transposeB: true, scale })
  const p = softmax(mask ? add(scores, mask) : scores)
  const o = matmul(p, v)
  return withGradient(o, [q, k, v], (g) => {
    const along = sum(mul(g, o), [-1], true)
    const ds = mul(p, sub(matmul(g, v, { transposeB: true }), along))
    return [matmul(ds, k, { scale }), matmul(ds, q, { transposeA: true, scale }), matmul(p, g, { transposeA: true })]
  })
}

export interface AttentionShape {
  batch: number
  length: number
  heads: number
  kvHeads: number
  headWidth: number
}

/**
 * Causal self-attention over whole sequences: q [batch·length, heads·headWidth], k and v [batch·length, kvHeads·headWidth]
 * → [batch·length, heads·headWidth]. `mask` is [batch or 1, length, length]. Queries go in blocks of `block` rows that
 * see no key after their own end, which saves nearly half of the products; one block of all rows leaves to the mask what
 * they see.
 */
export function causalAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor,
  of: AttentionShape,
  block = 128,
): Tensor {
  const { batch, length, heads, kvHeads, headWidth } = of
  const group = heads / kvHeads
  if (
    q.size !== batch * length * heads * headWidth ||
    k.size !== q.size / group ||
    v.size !== k.size ||
    heads % kvHeads
  )
    throw new ShapeError(
      `causalAttention: q ${show(q.shape)}, k ${show(k.shape)} and v ${show(v.shape)} do not fit ${JSON.stringify(of)}`,
    )
  const scale = 1 / Math.sqrt(headWidth)
  // [batch, length, kvHeads, group, headWidth] → [batch, kvHeads, group, length, headWidth]: a key head serves its group.
  const toHeads = (t: Tensor, per: number) => {
    const split = reshape(t, [batch, length, kvHeads, per, headWidth])
    return transpose(split, [0, 2, 3, 1, 4])
  }
  const qs = toHeads(q, group)
  const ks = reshape(toHeads(k, 1), [batch * kvHeads, length, headWidth])
  const vs = reshape(toHeads(v, 1), [batch * kvHeads, length, headWidth])
  const parts: Tensor[] = []
  for (let start = 0; start < length; start += block) {
    const end = Math.min(length, start + block)
    const rows = end - start
    const queries = reshape(slice(qs, 3, start, end), [batch * kvHeads, group * rows, headWidth])
    const visible = slice(slice(mask, 1, start, end), 2, 0, end)
    const spread = spreadMask(visible, batch, kvHeads, group)
    const o = attend(queries, slice(ks, 1, 0, end), slice(vs, 1, 0, end), spread, scale)
    parts.push(reshape(o, [batch, kvHeads, group, rows, headWidth]))
  }
  return reshape(transpose(concat(parts, 3), [0, 3, 1, 2, 4]), [batch * length, heads * headWidth])
}

/** [batch or 1, rows, keys] → something that broadcasts to [batch·kvHeads, group·rows, keys]. */
function spreadMask(mask: Tensor, batch: number, kvHeads: number, group: number): Tensor {
  const [first, rows, keys] = mask.shape
  const grouped =
    group === 1
      ? mask
      : concat(
          Array.from({ length: group }, () => mask),
          1,
        )
  if (first === 1) return grouped
  const perHead = concat(
    Array.from({ length: kvHeads }, () => reshape(grouped, [batch, 1, group * rows, keys])),
    1,
  )
  return reshape(perHead, [batch * kvHeads, group * rows, keys])
}
