import { input, type Tensor } from '#tensor/graph'
import { matmul } from '#tensor/matmul'
import { compile } from '#tensor/program'

const rows = 512
const narrow = 256
const wide = 1024
const pairs = 8

/**
 * FLOPs per second that ONNX Runtime reaches here on products whose operands stay in the cache (512 × 256 × 1024 and
 * 512 × 1024 × 256 in turn): the median of several runs. Utilisation is counted against this figure.
 */
export async function measurePeak(threads: number, runs = 7): Promise<number> {
  const feeds: Record<string, Float32Array> = { x: new Float32Array(rows * narrow).fill(0.01) }
  let x: Tensor = input('x', [rows, narrow])
  for (let i = 0; i < pairs; i++) {
    feeds[`up${i}`] = new Float32Array(narrow * wide).fill(0.01)
    feeds[`down${i}`] = new Float32Array(wide * narrow).fill(0.01)
    x = matmul(matmul(x, input(`up${i}`, [narrow, wide])), input(`down${i}`, [wide, narrow]))
  }
  const program = await compile({ y: x }, { threads })
  const y = new Float32Array(rows * narrow)
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const began = performance.now()
    await program.run(feeds, { y })
    times.push(performance.now() - began)
  }
  await program.release()
  const median = times.sort((a, b) => a - b)[runs >> 1]
  return (pairs * 2 * 2 * rows * narrow * wide) / (median / 1000)
}
