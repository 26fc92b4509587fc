import { broadcastStrides, offsets, spread, together, type Value } from './array.ts'
import { floatOf, type Interpretations, intOf } from './rule.ts'

/** scale · op(A)·op(B) over the last two axes; leading axes broadcast. */
function product(a: Value, b: Value, transA: boolean, transB: boolean, scale: number): Value {
  const matrix = (x: Value, transposed: boolean) => {
    const [rows, columns] = x.shape.slice(-2)
    return transposed
      ? { rows: columns, columns: rows, down: 1, across: columns }
      : { rows, columns, down: columns, across: 1 }
  }
  const left = matrix(a, transA)
  const right = matrix(b, transB)
  const lead = together(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const starts = (x: Value) => {
    const strides = broadcastStrides(x.shape.slice(0, -2), lead)
    const [rows, columns] = x.shape.slice(-2)
    return offsets(
      lead,
      strides.map((s) => s * rows * columns),
    )
  }
  const startsA = starts(a)
  const startsB = starts(b)
  const data: number[] = []
  for (const [i, atA] of startsA.entries())
    for (let r = 0; r < left.rows; r++)
      for (let c = 0; c < right.columns; c++) {
        let total = 0
        for (let k = 0; k < left.columns; k++)
          total +=
            a.data[atA + r * left.down + k * left.across] * b.data[startsB[i] + k * right.down + c * right.across]
        data.push(total * scale)
      }
  return { shape: [...lead, left.rows, right.columns], data: Float64Array.from(data) }
}

export const products: Interpretations = {
  // com.microsoft FusedMatMul.
  FusedMatMul: (node, [a, b]) => [
    product(a, b, intOf(node, 'transA', 0) === 1, intOf(node, 'transB', 0) === 1, floatOf(node, 'alpha', 1)),
  ],
  // alpha · op(A)·op(B) + beta · C.
  Gemm: (node, [a, b, c]) => {
    const y = product(a, b, intOf(node, 'transA', 0) === 1, intOf(node, 'transB', 0) === 1, floatOf(node, 'alpha', 1))
    if (!c) return [y]
    const beta = floatOf(node, 'beta', 1)
    const addend = spread(c, y.shape)
    return [{ shape: y.shape, data: y.data.map((v, i) => v + beta * addend.data[i]) }]
  },
}
