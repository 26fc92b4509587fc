import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packPieces } from './packing/whole.ts'
import { type Batch, BatchError, type BatchSource, PackedBatches } from './packing.ts'
import { seededRandom } from './shuffle.ts'
import { TokenFile, TokenWriter } from './token-file.ts'

const separator = 0
let folder: string
let text: string
let chat: string

/** Text documents are `0 d d+1 d+2 …`: each token says which document it belongs to and where it stands. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packing-'))
  text = join(folder, 'text')
  chat = join(folder, 'chat')
  const random = seededRandom(5)
  const lines = new TokenWriter(text, { vocabSize: 100_000, separator })
  for (let d = 1; d <= 60; d++) {
    const length = 1 + Math.floor(random() * 40)
    lines.append([separator, ...Array.from({ length }, (_, i) => d * 1000 + i)], length)
  }
  lines.finish()
  const talks = new TokenWriter(chat, { vocabSize: 100_000, mask: true })
  for (let d = 1; d <= 300; d++) {
    const ids = Array.from({ length: 2 + Math.floor(random() * (d % 50 === 0 ? 90 : 25)) }, (_, i) => d * 100 + i)
    talks.append(
      ids,
      ids.length,
      ids.map((id) => (id % 3 === 0 ? 1 : 0)),
    )
  }
  talks.finish()
})
afterAll(() => rmSync(folder, { recursive: true }))

const mixture = (): BatchSource[] => [
  { file: text, weight: 3, mode: 'stream' },
  { file: chat, weight: 1, mode: 'pack' },
]

test('a stream restored at a random point goes on bit for bit, also with another batch size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 64 }),
      fc.integer(),
      fc.boolean(),
      (skip, batch, sequence, seed, shuffle) => {
        const options = { sources: mixture(), batch, sequence, seed, shuffle }
        const through = new PackedBatches(options)
        for (let i = 0; i < skip; i++) through.next()
        const saved = JSON.parse(JSON.stringify(through.state()))
        const resumed = new PackedBatches(options)
        resumed.next()
        resumed.restore(saved)
        const single = new PackedBatches({ ...options, batch: 1 })
        single.restore(saved)
        for (let i = 0; i < 6; i++) {
          const expected = through.next()
          expect(resumed.next()).toEqual(expected)
          for (let row = 0; row < batch; row++)
            expect(single.next().tokens).toEqual(expected.tokens.subarray(row * sequence, (row + 1) * sequence))
        }
        for (const batches of [through, resumed, single]) batches.close()
      },
    ),
    { numRuns: 40 },
  )
})

function checkStreamRow(batch: Batch, sequence: number): void {
  for (let t = 0; t < sequence; t++) {
    const sameDocument = t > 0 && batch.documents[t] === batch.documents[t - 1]
    const starts = t === 0 || batch.tokens[t] === separator
    expect(sameDocument).toBe(!starts)
    expect(batch.positions[t]).toBe(starts ? 0 : batch.positions[t - 1] + 1)
    if (t > 0) expect(batch.tokens[t]).toBe(batch.targets[t - 1])
    expect(batch.mask[t]).toBe(1)
  }
}

test('a streamed row marks its documents, restarts positions at them and learns where one ends', () => {
  const batches = new PackedBatches({ sources: [{ file: text, mode: 'stream' }], batch: 1, sequence: 48, seed: 1 })
  for (let i = 0; i < 100; i++) checkStreamRow(batches.next(), 48)
  batches.close()
})

test('one epoch of a stream visits each window once, and the next in another order', () => {
  const file = new TokenFile(text)
  const windows = Math.floor((file.index.tokens - 1) / 16) - 1
  const batches = new PackedBatches({ sources: [{ file, mode: 'stream' }], batch: windows, sequence: 16, seed: 9 })
  const rows = (batch: Batch) =>
    Array.from({ length: windows }, (_, row) => batch.tokens.subarray(row * 16, row * 16 + 16).join())
  const first = rows(batches.next())
  expect(batches.epochs()).toEqual([1])
  expect(new Set(first).size).toBe(windows)
  expect(rows(batches.next())).not.toEqual(first)
  const ordered = new PackedBatches({
    sources: [{ file, mode: 'stream' }],
    batch: 2,
    sequence: 16,
    seed: 9,
    shuffle: false,
  })
  expect([...ordered.next().tokens]).toEqual([...file.read(0, 32)])
  file.close()
})

test('a packed epoch teaches every learned target exactly once, cuts nothing that fits and pads without loss', () => {
  const sequence = 32
  const file = new TokenFile(chat)
  const batches = new PackedBatches({ sources: [{ file, mode: 'pack' }], batch: 1, sequence, seed: 2, padding: 7 })
  const targets: number[] = []
  let padded = 0
  let rows = 0
  while (batches.epochs()[0] < 1) {
    const { tokens, targets: next, mask, positions, documents } = batches.next()
    rows++
    for (let t = 0; t < sequence; t++) {
      if (mask[t]) targets.push(next[t])
      if (tokens[t] === 7) padded++
      else if (tokens[t] % 100 < sequence) expect(positions[t]).toBe(tokens[t] % 100)
      if (t > 0) expect(documents[t] - documents[t - 1]).toBe(positions[t] === 0 ? 1 : 0)
    }
  }
  const expected: number[] = []
  for (let d = 0; d < file.index.documents; d++)
    for (const id of file.read(file.starts[d] + 1, file.starts[d + 1] - file.starts[d] - 1))
      if (id % 3 === 0) expected.push(id)
  expect(targets.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b))
  expect(padded / (rows * sequence)).toBeLessThan(0.03)
  file.close()
})

test('best-fit packing fills rows and never overfills one', () => {
  const pieces = [9, 5, 5, 4, 3, 1, 1, 2].map((length, start) => ({ start, length }))
  const rows = packPieces(pieces, 10)
  expect(rows.map((row) => row.reduce((sum, piece) => sum + piece.length, 0)).sort()).toEqual([10, 10, 10])
  expect(rows.flat().length).toBe(8)
})

test('sources get exactly their share of the rows', () => {
  const batches = new PackedBatches({ sources: mixture(), batch: 8, sequence: 8, seed: 3 })
  for (let i = 0; i < 10; i++) batches.next()
  expect(batches.state().sources.map(({ rows }) => rows)).toEqual([60, 20])
  batches.close()
})

test('what cannot be is refused with its reason', () => {
  const one: BatchSource[] = [{ file: text, mode: 'stream' }]
  expect(() => new PackedBatches({ sources: [], batch: 1, sequence: 8, seed: 1 })).toThrow(BatchError)
  expect(() => new PackedBatches({ sources: one, batch: 0, sequence: 8, seed: 1 })).toThrow(/batch must be/)
  expect(() => new PackedBatches({ sources: one, batch: 1, sequence: 10 ** 6, seed: 1 })).toThrow(/lower sequence/)
  expect(() => new PackedBatches({ sources: [{ ...one[0], weight: -1 }], batch: 1, sequence: 8, seed: 1 })).toThrow(
    /weights/,
  )
  const batches = new PackedBatches({ sources: one, batch: 1, sequence: 8, seed: 1 })
  const other = new PackedBatches({ sources: one, batch: 1, sequence: 8, seed: 2 })
  expect(() => other.restore(batches.state())).toThrow(/other data, sequence, seed or weights/)
  const damaged = { ...batches.state(), sources: [{ rows: 0, position: [-1] }] }
  expect(() => batches.restore(damaged)).toThrow(/damaged/)
})
