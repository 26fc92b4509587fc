import fc from 'fast-check'
import { expect, test } from 'vitest'
import { colour } from './colour.ts'

test('words, strings, comments and numbers are told apart', () => {
  const strokes = colour('def f(x): # ten "times"\n  return "a#b" * 10', 'python')
  expect(strokes.filter((stroke) => stroke.ink !== 'plain').map((stroke) => `${stroke.ink}:${stroke.text}`)).toEqual([
    'word:def',
    'comment:# ten "times"',
    'word:return',
    'string:"a#b"',
    'number:10',
  ])
})

test('no character is lost, added or moved, in any language', () => {
  const language = fc.constantFrom('ts', 'python', 'sql', 'json', 'nothing')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), language, (code, name) => {
      expect(
        colour(code, name)
          .map((stroke) => stroke.text)
          .join(''),
      ).toBe(code)
    }),
  )
})

test('long hostile code takes time in proportion to its length', () => {
  const time = (n: number) => {
    const start = performance.now()
    for (const unit of ['/*', '"\\', "'", '`', '/**', 'a', '1.']) colour(unit.repeat(n), 'ts')
    return performance.now() - start
  }
  time(10_000)
  expect(time(160_000) / time(40_000)).toBeLessThan(10)
})
