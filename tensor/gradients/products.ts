import type { Tensor } from '../graph.ts'
import { matmul } from '../matmul.ts'
import { sumTo } from './elementwise.ts'
import { type Rules, single } from './rule.ts'

// C = s·op(A)·op(B): dA and dB are products of G with the other operand, written so that no transpose is ever copied.
function gradientA(g: Tensor, b: Tensor, ta: boolean, tb: boolean, scale: number): Tensor {
  return ta ? matmul(b, g, { transposeA: tb, transposeB: true, scale }) : matmul(g, b, { transposeB: !tb, scale })
}

function gradientB(g: Tensor, a: Tensor, ta: boolean, tb: boolean, scale: number): Tensor {
  return tb ? matmul(g, a, { transposeA: true, transposeB: ta, scale }) : matmul(a, g, { transposeA: !ta, scale })
}

export const products: Rules = {
  FusedMatMul: single((g, node) => {
    const [a, b] = node.inputs
    const { transA, transB, alpha } = node.attributes
    const ta = transA.kind === 'int' && transA.value === 1
    const tb = transB.kind === 'int' && transB.value === 1
    const scale = alpha.kind === 'float' ? alpha.value : 1
    return [sumTo(gradientA(g, b, ta, tb, scale), a.shape), sumTo(gradientB(g, a, ta, tb, scale), b.shape)]
  }),
}
