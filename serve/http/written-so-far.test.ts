import fc from 'fast-check'
import { expect, it } from 'vitest'
import { writtenSoFar } from './written-so-far.ts'

/** Whether nothing stands in `part` but what stands at the same place of `whole`. */
function within(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(part, whole)
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole)) return false
  const fields = whole as Record<string, unknown>
  return Object.entries(part).every(([key, value]) => Object.hasOwn(fields, key) && within(value, fields[key]))
}

it('of an object cut anywhere, what was complete', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
  fc.assert(
    fc.property(objects, fc.nat(), fc.boolean(), (value, at, spread) => {
      const text = JSON.stringify(value, null, spread ? 1 : undefined)
      const whole = JSON.parse(text)
      expect(writtenSoFar(text, false)).toEqual(whole)
      const cut = writtenSoFar(text.slice(0, at % text.length), true)
      expect(within(cut, whole), JSON.stringify(cut)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

it.each([
  ['', {}],
  ['{"a":"x, y","b":12', { a: 'x, y' }],
  ['{"a":[1,[2,3],"th', { a: [1, [2, 3]] }],
  ['{"a":{"b":1},"c', { a: { b: 1 } }],
])('%s', (text, object) => {
  expect(writtenSoFar(text, true)).toEqual(object)
})

it.each(['[1]', 'null', '"a"', 'weather'])('%s is no object', (text) => {
  for (const cut of [true, false]) expect(() => writtenSoFar(text, cut)).toThrow('no JSON object')
})

it('of an answer that was not cut, nothing is left out', () => {
  for (const text of ['{"a":1', '{"a":1,]', '{"a":1}{"b":2}'])
    expect(() => writtenSoFar(text, false)).toThrow('no JSON object')
})
