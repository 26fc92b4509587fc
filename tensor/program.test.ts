import { expect, test } from 'vitest'
import { add, mul } from './elementwise.ts'
import { input, operation, ShapeError } from './graph.ts'
import { matmul } from './matmul.ts'
import { compile, type Provider, ProviderError } from './program.ts'

const x = input('x', [2, 2])
const four = Float32Array.of(1, 2, 3, 4)

test('outputs come in new arrays, or are written into those given', async () => {
  const program = await compile({ sum: add(x, 1), product: matmul(x, x) })
  expect([...program.inputs.keys()]).toEqual(['x'])
  expect([...program.outputs.keys()]).toEqual(['sum', 'product'])
  const into = { product: new Float32Array(4) }
  const results = await program.run({ x: four }, into)
  expect(results.product).toBe(into.product)
  expect(into.product).toEqual(Float32Array.of(7, 10, 15, 22))
  expect(results.sum).toEqual(Float32Array.of(2, 3, 4, 5))
  const again = await program.run({ x: Float32Array.of(0, 0, 0, 1) }, into)
  expect(again.product).toEqual(Float32Array.of(0, 0, 0, 1))
  expect(results.sum).toEqual(Float32Array.of(2, 3, 4, 5))
  await program.release()
})

test('an input may be overwritten by what it is used up to compute', async () => {
  const program = await compile({ next: mul(x, 2) })
  const state = Float32Array.from(four)
  for (let i = 0; i < 3; i++) await program.run({ x: state }, { next: state })
  expect(state).toEqual(Float32Array.of(8, 16, 24, 32))
  await program.release()
})

test('memory shared between threads serves as input and output', async () => {
  const shared = new Float32Array(new SharedArrayBuffer(16))
  shared.set(four)
  const program = await compile({ next: add(x, 1) })
  await program.run({ x: shared }, { next: shared })
  expect(Array.from(shared)).toEqual([2, 3, 4, 5])
  await program.release()
})

test('values that are absent, too few or of another type are named', async () => {
  const program = await compile({ y: add(x, 1) })
  await expect(program.run({})).rejects.toThrow('run: no values for "x" [2, 2]')
  await expect(program.run({ x: new Float32Array(3) })).rejects.toThrow('run: 3 values for "x" do not fill [2, 2]')
  await expect(program.run({ x: new Int32Array(4) })).rejects.toThrow('run: "x" is float32, given as a Int32Array')
  await expect(program.run({ x: four }, { y: new Float32Array(5) })).rejects.toThrow(ShapeError)
  await program.release()
})

test('a name that is given twice is an error', async () => {
  await expect(compile({ y: add(x, input('x', [2, 2])) })).rejects.toThrow('"x" names an input and something else too')
  await expect(compile({ x: add(x, 1) })).rejects.toThrow(ShapeError)
})

test('a graph that ONNX Runtime refuses is an error with its reason', async () => {
  const unknown = compile({ y: operation('NoSuchOperation', [x], [2, 2]) })
  await expect(unknown).rejects.toThrow(ProviderError)
  await expect(unknown).rejects.toThrow('NoSuchOperation')
})

// On a machine that has such a card the graph runs there; on any other the error says what is missing and what to do.
test.each<[Provider, string]>([
  ['webgpu', 'Vulkan, Metal or Direct3D 12'],
  ['cuda', 'CUDA 12'],
])('%s runs, or says what it needs', async (provider, need) => {
  const outcome = await compile({ y: add(x, 1) }, { provider }).then(
    async (program) => Array.from((await program.run({ x: four })).y, Number),
    (error: unknown) => error,
  )
  if (Array.isArray(outcome)) expect(outcome).toEqual([2, 3, 4, 5])
  else {
    expect(outcome).toBeInstanceOf(ProviderError)
    expect(String(outcome)).toContain(`"${provider}" cannot be used here`)
    expect(String(outcome)).toContain(need)
    expect(String(outcome)).toContain('Choose "cpu"')
  }
})
