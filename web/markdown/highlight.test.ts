import fc from 'fast-check'
import { expect, test } from 'vitest'
import { highlight } from './highlight.ts'

test('words, names, strings, comments and numbers are told apart', () => {
  const strokes = highlight('def f(x): # ten "times"\n  return "a#b" * 10', 'python')
  expect(strokes.filter((stroke) => stroke.ink !== 'plain').map((stroke) => `${stroke.ink}:${stroke.text}`)).toEqual([
    'word:def',
    'name:f',
    'comment:# ten "times"',
    'word:return',
    'string:"a#b"',
    'number:10',
  ])
})

test('no character is lost, added or moved, in any language', () => {
  const language = fc.constantFrom('ts', 'python', 'sql', 'json', 'diff', 'xml', 'nothing', '__proto__')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), language, (code, name) => {
      const strokes = highlight(code, name)
      expect(strokes.map((stroke) => stroke.text).join('')).toBe(code)
    }),
  )
})

test('hostile code is coloured in time', () => {
  for (const unit of ['/*', '"\\', "'", '`', '/**', 'a', '1.', '<a ']) {
    const start = process.cpuUsage()
    highlight(unit.repeat(20_000 / unit.length), 'ts')
    expect(process.cpuUsage(start).user / 1000, unit).toBeLessThan(3000)
  }
})
