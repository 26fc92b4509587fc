import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextAssembly } from './text-assembly.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** What each piece and the end give. */
function feed(pieces: Uint8Array[], stops: string[]): string[] {
  const text = new TextAssembly(stops)
  const out: string[] = []
  for (const piece of pieces) {
    out.push(text.push(piece))
    if (text.stopped) return out
  }
  return [...out, text.finish()]
}

test('a character waits for its last byte', () => {
  const [a, b, c, d] = bytesOf('龍x')
  expect(feed([Uint8Array.of(a), Uint8Array.of(b), Uint8Array.of(c, d)], [])).toEqual(['', '', '龍x', ''])
})

test('what was never finished becomes U+FFFD at the end', () => {
  expect(feed([Uint8Array.of(0x61, 0xe9, 0xbe)], [])).toEqual(['a', '\ufffd'])
  expect(feed([Uint8Array.of(0xff, 0x61)], [])).toEqual(['\ufffda', ''])
})

test('a byte order mark is text', () => {
  expect(feed([bytesOf('\ufeffa')], [])).toEqual(['\ufeffa', ''])
})

test('a stop string may straddle pieces and never shows', () => {
  expect(feed(['Hi E', 'N', 'D, more'].map(bytesOf), ['END'])).toEqual(['Hi ', '', ''])
})

test('what only looked like a stop string is shown after all', () => {
  expect(feed(['Hi E', 'N', 'd'].map(bytesOf), ['END'])).toEqual(['Hi ', '', 'ENd', ''])
  expect(feed(['Hi EN'].map(bytesOf), ['END'])).toEqual(['Hi ', 'EN'])
})

test('the beginning that overlaps itself is found', () => {
  expect(feed(['aa', 'aab'].map(bytesOf), ['aab'])).toEqual(['', 'aa'])
})

test('the earliest of several stop strings ends the text', () => {
  expect(feed(['one two three'].map(bytesOf), ['three', 'two', ''])).toEqual(['one '])
})

test('the text is the same however it is cut, and ends before the first stop string', () => {
  const alphabet = fc.stringMatching(/^[ab龍😀]{0,14}$/u)
  fc.assert(
    fc.property(
      alphabet,
      fc.array(fc.stringMatching(/^[ab龍😀]{1,3}$/u), { maxLength: 3 }),
      fc.array(fc.nat(40)),
      (text, stops, cuts) => {
        const bytes = bytesOf(text)
        const edges = [0, ...cuts.map((c) => Math.min(c, bytes.length)).sort((a, b) => a - b), bytes.length]
        const pieces = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))
        const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
        expect(feed(pieces, stops).join('')).toBe(text.slice(0, Math.min(text.length, ...ends)))
      },
    ),
  )
})
