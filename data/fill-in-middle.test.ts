import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillInMiddle, type Span } from './fill-in-middle.ts'

const whole = (span: Span) => ('text' in span ? span.text : span.prefix + span.middle + span.suffix)

test('no character is lost or moved between spans, and no surrogate pair is split', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.integer({ min: 8, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (text, span, rate, seed) => {
        const spans = fillInMiddle(text, { rate, span }, seed)
        expect(spans.map(whole).join('')).toBe(text)
        for (const part of spans) {
          const pieces = 'text' in part ? [part.text] : [part.prefix, part.middle, part.suffix]
          expect(pieces.every((piece) => piece.isWellFormed())).toBe(true)
        }
        return true
      },
    ),
  )
})

test('the rate is kept, the seed decides, and spans stay within their length', () => {
  const text = 'The line of dots grows while the model writes.\n'.repeat(2000)
  const spans = fillInMiddle(text, { rate: 0.3, span: 128 }, 5)
  const cut = spans.filter((span) => 'prefix' in span)
  const share = cut.map(whole).join('').length / text.length
  expect(Math.abs(share - 0.3)).toBeLessThan(0.06)
  expect(Math.max(...cut.map((span) => whole(span).length))).toBeLessThanOrEqual(128)
  expect(fillInMiddle(text, { rate: 0.3, span: 128 }, 5)).toEqual(spans)
  expect(fillInMiddle(text, { rate: 0.3, span: 128 }, 6)).not.toEqual(spans)
  expect(fillInMiddle(text, { rate: 0 }, 5)).toEqual([{ text }])
  expect(() => fillInMiddle(text, { rate: 2 }, 5)).toThrow(/rate must be/)
  expect(() => fillInMiddle(text, { rate: 1, span: 1 }, 5)).toThrow(/span must be/)
})
