import { expect, test } from 'vitest'
import { isChanged, ownSampling, readSampling } from './sampling.ts'

test('what was kept is read back, and what is odd is left to the model', () => {
  const set = { temperature: 0, topP: 0.5, maxTokens: 64, seed: 7, system: 'Be brief.' }
  expect(readSampling(JSON.parse(JSON.stringify(set)))).toEqual(set)
  expect(readSampling({ temperature: 9, topP: '0.5', maxTokens: 1.5, seed: -1, system: 4 })).toEqual(ownSampling)
  for (const odd of [null, 3, 'x', []]) expect(readSampling(odd)).toEqual(ownSampling)
})

test('a temperature of zero is a change, blank instructions are none', () => {
  expect(isChanged({ ...ownSampling, temperature: 0 })).toBe(true)
  expect(isChanged({ ...ownSampling, system: '  ' })).toBe(false)
})
