import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TokenFile, TokenFileError, TokenWriter } from './token-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokens-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(vocabSize: number, documents: number[][], masks?: number[][]): string {
  const path = join(folder, 'train')
  const writer = new TokenWriter(path, { vocabSize, mask: masks !== undefined })
  documents.forEach((ids, i) => {
    writer.append(ids, ids.length * 2, masks?.[i])
  })
  writer.finish()
  return path
}

test.each([
  [65536, 'uint16'],
  [65537, 'uint32'],
])('tokens of a vocabulary of %i are kept as %s and read back anywhere', (vocabSize, dtype) => {
  const last = vocabSize - 1
  const file = new TokenFile(write(vocabSize, [[1, 2, last], [], [4, 5]], [[0, 1, 1], [], [1, 0]]))
  expect(file.index).toMatchObject({ dtype, tokens: 5, documents: 3, learned: 3, bytes: 10 })
  expect([...file.read(1, 3)]).toEqual([2, last, 4])
  expect([...(file.readMask(1, 4) ?? [])]).toEqual([1, 1, 1, 0])
  expect([...file.starts]).toEqual([0, 3, 3, 5])
  expect([0, 2, 3, 4].map((at) => file.documentAt(at))).toEqual([0, 0, 2, 2])
  expect(file.verify()).toBe(true)
  expect(() => file.read(4, 2)).toThrow(TokenFileError)
  file.close()
})

test('an unfinished file does not exist, and an abandoned one leaves nothing', () => {
  const path = join(folder, 'train')
  const writer = new TokenWriter(path, { vocabSize: 10 })
  writer.append([1, 2, 3], 3)
  expect(() => new TokenFile(path)).toThrow(/no token file here/)
  writer.abandon()
  expect(readdirSync(folder)).toEqual([])
})

test('a token outside the vocabulary and a mask of another length are refused', () => {
  const writer = new TokenWriter(join(folder, 'x'), { vocabSize: 10, mask: true })
  expect(() => writer.append([10], 1, [1])).toThrow(/token 10 is outside the vocabulary of 10/)
  expect(() => writer.append([1, 2], 1, [1])).toThrow(/one entry for each of the 2 tokens/)
  writer.abandon()
})

test('damage is found: a cut file at opening, changed tokens by the hash, a false index at reading', () => {
  const path = write(100, [[1, 2, 3, 4]])
  writeFileSync(`${path}.tokens`, new Uint8Array(8))
  const file = new TokenFile(path)
  expect(file.verify()).toBe(false)
  file.close()
  truncateSync(`${path}.tokens`, 6)
  expect(() => new TokenFile(path)).toThrow(/has 6 bytes where its index says 8/)
  writeFileSync(`${path}.json`, '{"format":"dotline-tokens","version":1,"tokens":-1}')
  expect(() => new TokenFile(path)).toThrow(/is not the index of a token file/)
})

test('a file beyond what is held in memory is read in place, and a cut under way is noticed', () => {
  const path = write(65536, [[1, 2, 3]])
  const tokens = 50_000_000
  truncateSync(`${path}.tokens`, tokens * 2)
  const descriptor = openSync(`${path}.tokens`, 'r+')
  writeSync(descriptor, new Uint8Array(new Uint16Array([7, 8, 9]).buffer), 0, 6, 39_999_999 * 2)
  closeSync(descriptor)
  writeFileSync(`${path}.documents`, new Uint8Array(new Float64Array([0, tokens]).buffer))
  const index = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
  writeFileSync(`${path}.json`, JSON.stringify({ ...index, tokens, learned: tokens }))
  const file = new TokenFile(path)
  expect([...file.read(39_999_998, 5)]).toEqual([0, 7, 8, 9, 0])
  expect([...file.read(0, 4)]).toEqual([1, 2, 3, 0])
  truncateSync(`${path}.tokens`, 1000)
  expect(() => file.read(tokens - 4, 4)).toThrow(/cut while in use/)
  file.close()
})
