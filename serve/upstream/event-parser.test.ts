import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventParser, EventTooLongError, type ServerEvent } from './event-parser.ts'

const stream =
  '\ufeffdata: {"a":"点线 🦆"}\n\n: ping\n\nevent: error\r\ndata: one\r\ndata:two\r\n\r\ndata\rdata:  three\r\rid: 7\nretry: 10\n\ndata: [DONE]\n\ndata: torn'
const expected: ServerEvent[] = [
  { event: 'message', data: '{"a":"点线 🦆"}' },
  { event: 'error', data: 'one\ntwo' },
  { event: 'message', data: '\n three' },
  { event: 'message', data: '[DONE]' },
]

function parse(pieces: readonly Uint8Array[]): ServerEvent[] {
  const parser = new EventParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('server-sent events', () => {
  const bytes = Buffer.from(stream)

  it('reads fields, comments and all line breaks', () => expect(parse([bytes])).toEqual(expected))

  it('reads the same when the stream is cut at any byte', () => {
    for (let at = 0; at <= bytes.length; at++)
      expect([at, parse([bytes.subarray(0, at), bytes.subarray(at)])]).toEqual([at, expected])
  })

  it('reads the same byte by byte, and in any pieces', () => {
    expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        expect(parse(edges.slice(1).map((end, at) => bytes.subarray(edges[at], end)))).toEqual(expected)
      }),
    )
  })

  it('refuses an event that does not end, in one line or in many', () => {
    const parser = new EventParser(1000)
    expect(() => {
      for (let i = 0; i < 300; i++) parser.push(Buffer.from('data: x'))
    }).toThrow(EventTooLongError)
    const other = new EventParser(1000)
    expect(() => {
      for (let i = 0; i < 300; i++) other.push(Buffer.from('data: x\n'))
    }).toThrow(EventTooLongError)
    expect(new EventParser(1000).push(Buffer.from('data: x\n\n'.repeat(300)))).toHaveLength(300)
  })
})
