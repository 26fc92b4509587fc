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

test('long hostile code is coloured at once', () => {
  const start = process.cpuUsage()
  for (const unit of ['/*', '"\\', "'", '`', '/**', 'a', '1.']) colour(unit.repeat(100_000), 'ts')
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(3000)
})
