import { expect, test } from 'vitest'
import { integer, join, message, single, text } from './protobuf.ts'

// The examples of the encoding guide, "Protocol Buffers: Encoding", and the edges of variable-length integers.
test.each<[string, Uint8Array, number[]]>([
  ['field 1 = 150', integer(1, 150), [0x08, 0x96, 0x01]],
  ['field 2 = "testing"', text(2, 'testing'), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]],
  ['a message in field 3', message(3, integer(1, 150)), [0x1a, 0x03, 0x08, 0x96, 0x01]],
  ['zero', integer(1, 0), [0x08, 0x00]],
  ['127', integer(1, 127), [0x08, 0x7f]],
  ['128', integer(1, 128), [0x08, 0x80, 0x01]],
  ['−1 in ten bytes', integer(1, -1), [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ['2⁶³ − 1', integer(1, 2n ** 63n - 1n), [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['a field above 15', integer(20, 1), [0xa0, 0x01, 0x01]],
  ['a float', single(2, 1), [0x15, 0x00, 0x00, 0x80, 0x3f]],
  ['text beyond ASCII', text(1, '点'), [0x0a, 0x03, 0xe7, 0x82, 0xb9]],
  ['an empty message', message(1, new Uint8Array()), [0x0a, 0x00]],
  ['two after each other', join(integer(1, 1), integer(2, 2)), [0x08, 0x01, 0x10, 0x02]],
])('%s', (_name, bytes, expected) => {
  expect([...bytes]).toEqual(expected)
})
