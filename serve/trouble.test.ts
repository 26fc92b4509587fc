import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { StoreError } from '#store/errors'
import { troubleOf } from './trouble.ts'

function thrown(what: () => unknown): unknown {
  try {
    what()
  } catch (error) {
    return error
  }
}

test('an error is told by its kind and its place, and its words only where they are known', () => {
  const parsed = troubleOf(thrown(() => JSON.parse('{"a": my own words')))
  expect(parsed).toMatch(/^SyntaxError\n {4}at JSON\.parse/)
  expect(parsed).toContain('trouble.test.ts')
  expect(parsed).not.toContain('my own')
  const lines = troubleOf(new Error('two lines\n    at my own words (file:///a:1:1)'))
  expect(lines).toMatch(/^Error\n {4}at /)
  expect(lines).not.toContain('my own')
  expect(troubleOf(thrown(() => readFileSync('/none')))).toMatch(/^Error: ENOENT: no such file.*'\/none'\n/)
  expect(troubleOf(new StoreError('full', 'The disk is full.'))).toMatch(/^StoreError: The disk is full\.\n/)
  expect(troubleOf(Object.assign(new TypeError('words'), { code: 'ERR_A' }))).toMatch(/^TypeError ERR_A\n/)
  expect(troubleOf('words')).toBe('a thrown string')
})
