import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ServerEvent, SseParser, StreamTooLong } from './sse.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function parse(input: Uint8Array, cuts: number[]): ServerEvent[] {
  const parser = new SseParser()
  const borders = [0, ...[...cuts].sort((a, b) => a - b), input.length]
  return borders.slice(1).flatMap((end, index) => parser.push(input.subarray(borders[index], end)))
}

const sample =
  '\uFEFF: ping\r\ndata: {"a":"点线 🧵"}\r\n\r\nevent: error\rdata:one\rdata: two\r\rid: 7\ndata\n\ndata: [DONE]\n\n'
const expected = [
  { event: '', data: '{"a":"点线 🧵"}', id: '' },
  { event: 'error', data: 'one\ntwo', id: '' },
  { event: '', data: '', id: '7' },
  { event: '', data: '[DONE]', id: '7' },
]

test('the same events come out wherever the bytes are cut', () => {
  const input = bytes(sample)
  for (let cut = 0; cut <= input.length; cut++) expect(parse(input, [cut])).toEqual(expected)
  fc.assert(
    fc.property(fc.array(fc.nat(input.length), { maxLength: 12 }), (cuts) => {
      expect(parse(input, cuts)).toEqual(expected)
    }),
  )
})

test('one byte at a time gives the same events', () => {
  const input = bytes(sample)
  expect(parse(input, [...input.keys()])).toEqual(expected)
})

test('an event without its blank line is not given out', () => {
  expect(parse(bytes('data: whole\n\ndata: half\n'), [])).toEqual([{ event: '', data: 'whole', id: '' }])
})

test('a line without an end is given up, not held for ever', () => {
  const parser = new SseParser()
  const block = bytes('x'.repeat(1_000_000))
  expect(() => {
    for (let n = 0; n < 6; n++) parser.push(block)
  }).toThrow(StreamTooLong)
})
