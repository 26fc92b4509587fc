import { expect, test } from 'vitest'
import { rotaryTables, rotate } from './attention.ts'
import { add } from './elementwise.ts'
import { compileFlexible, cutEnd, freeInput, reshapeBy, rotateHeads } from './flexible.ts'
import { constant, input, ShapeError } from './graph.ts'
import { linear } from './matmul.ts'
import { difference, integerOperand, operands, runtimeDifference } from './oracle.ts'
import { evaluate } from './reference.ts'
import { reshape, transpose } from './reshape.ts'

test('one session serves every size of a free axis', async () => {
  const weight = constant(Float32Array.of(1, 0, 0, 1, 1, 1), [3, 2])
  const x = freeInput('x', [5, 2], [0])
  const [, last] = cutEnd(x, 0, 1)
  const program = await compileFlexible(
    { all: linear(x, weight), pairs: reshapeBy(x, [-1, 1], [10, 1]), last: add(last, 1) },
    1,
  )
  for (const rows of [1, 2, 5, 9]) {
    const values = Float32Array.from({ length: rows * 2 }, (_, i) => i)
    const into = {
      all: { values: new Float32Array(rows * 3), shape: [rows, 3] },
      pairs: { values: new Float32Array(rows * 2), shape: [rows * 2, 1] },
      last: { values: new Float32Array(2), shape: [1, 2] },
    }
    await program.run({ x: { values, shape: [rows, 2] } }, into)
    expect(Array.from(into.all.values)).toEqual(
      Array.from({ length: rows }, (_, r) => [2 * r, 2 * r + 1, 4 * r + 1]).flat(),
    )
    expect(into.pairs.values).toEqual(values)
    expect(Array.from(into.last.values)).toEqual([2 * rows - 1, 2 * rows])
  }
  await expect(program.run({}, {})).rejects.toThrow('run: no values for "x"')
  await program.release()
})

test('rotateHeads turns single tokens as rotate turns sequences', async () => {
  const tables = rotaryTables(9, 4, 100)
  const { inputs, feeds } = operands([[3, 2, 1, 4]], 1)
  const positions = integerOperand('positions', [3, 1], 2, 9)
  const given = { ...feeds, positions: positions.values }
  const apart = rotateHeads(inputs[0], positions.tensor, tables)
  expect(await runtimeDifference([apart], given)).toBeLessThan(1e-5)
  const rows = reshape(transpose(inputs[0], [0, 2, 1, 3]), [3, 1, 8])
  const [expected, result] = evaluate([rotate(rows, positions.tensor, tables), apart], given)
  expect(difference(result, expected)).toBe(0)
})

test('shapes that do not fit are named', () => {
  expect(() => reshapeBy(input('x', [4, 3]), [-1, 6], [3, 6])).toThrow('Reshape: [4, 3] does not fill [3, 6]')
  const heads = () => rotateHeads(input('x', [3, 2, 2, 4]), input('p', [3, 1], 'int64'), rotaryTables(4, 4, 10))
  expect(heads).toThrow(ShapeError)
  expect(heads).toThrow('RotaryEmbedding: [3, 2, 2, 4] does not fit [3, 1]')
})
