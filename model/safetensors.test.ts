import { mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostileWeightFile } from './hostile.ts'
import {
  openSafetensors,
  parseSafetensors,
  type TensorToWrite,
  WeightFileError,
  writeSafetensors,
} from './safetensors.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dotline-safetensors-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A file of the header `json` (an object, or text as it stands) and `dataBytes` zeros. */
function fileOf(json: object | string, dataBytes: number, headerBytes?: bigint): Uint8Array {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const file = Buffer.alloc(8 + text.length + dataBytes)
  file.writeBigUInt64LE(headerBytes ?? BigInt(text.length))
  text.copy(file, 8)
  return file
}

const entry = (shape: unknown, data_offsets: unknown, dtype: unknown = 'F32') => ({ dtype, shape, data_offsets })

describe('a header that lies is refused', () => {
  const zero = JSON.stringify(entry([0], [0, 0]))
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty file', new Uint8Array(0), /shorter than the 8 bytes/],
    ['header longer than the format allows', fileOf('{}', 0, 100_000_001n), /more than the format's limit/],
    ['header of 2^63 bytes', fileOf('{}', 0, 1n << 63n), /more than the format's limit/],
    ['header longer than the file', fileOf('{}', 0, 3n), /header of 3 bytes in a file of 10/],
    ['header of another format', fileOf('GGUF', 0), /does not start with '{'/],
    ['header that is cut', fileOf('{"a":', 0), /expected a value/],
    ['text after the header', fileOf('{} {}', 0), /unexpected text/],
    ['duplicate key within a tensor', fileOf('{"a":{"dtype":"F32","dtype":"F32"}}', 0), /duplicate key "dtype"/],
    ['broken UTF-8', fileOf('{"\ufffd":1}', 0).map((byte) => (byte === 0xbf ? 0xff : byte)), /broken UTF-8/],
    ['nesting', fileOf(`{"a":${'['.repeat(100_000)}`, 0), /nesting deeper than 4/],
    ['duplicate key', fileOf(`{"a":${zero},"a":${zero}}`, 0), /duplicate key "a"/],
    ['duplicate key spelt otherwise', fileOf(`{"a":${zero},"\\u0061":${zero}}`, 0), /duplicate key "a"/],
    ['metadata of another kind', fileOf({ __metadata__: { a: 1 } }, 0), /not a string/],
    ['unknown dtype', fileOf({ a: entry([1], [0, 4], 'F31') }, 4), /unknown dtype "F31"/],
    ['dtype named like an object internal', fileOf({ a: entry([1], [0, 4], 'constructor') }, 4), /unknown dtype/],
    ['unknown key', fileOf({ a: { ...entry([1], [0, 4]), more: 1 } }, 4), /unknown key "more"/],
    ['missing key', fileOf({ a: { dtype: 'F32', shape: [1] } }, 4), /data_offsets is not a pair/],
    ['negative shape', fileOf('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4), /numbers must be whole/],
    [
      'fractional shape',
      fileOf('{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,6]}}', 6),
      /numbers must be whole/,
    ],
    ['shape beyond 2^53', fileOf({ a: entry([2 ** 53], [0, 4]) }, 4), /shape is not a list/],
    ['shape whose product overflows', fileOf({ a: entry([2 ** 32, 2 ** 32], [0, 0]) }, 0), /more elements than/],
    [
      'range that disagrees with the shape',
      fileOf({ a: entry([3], [0, 8]) }, 8),
      /disagree with F32 \[3\], which takes 12/,
    ],
    ['range that runs backwards', fileOf({ a: entry([0], [4, 0]) }, 4), /disagree/],
    ['range beyond the file', fileOf({ a: entry([2], [0, 8]) }, 7), /ends 1 bytes after the end/],
    ['overlap', fileOf({ a: entry([2], [0, 8]), b: entry([2], [4, 12]) }, 12), /overlaps the tensor before it by 4/],
    ['twice the same range', fileOf({ a: entry([2], [0, 8]), b: entry([2], [0, 8]) }, 8), /overlaps/],
    ['hole', fileOf({ a: entry([1], [0, 4]), b: entry([1], [8, 12]) }, 12), /hole of 4 bytes/],
    ['bytes before the first tensor', fileOf({ a: entry([1], [4, 8]) }, 8), /hole of 4 bytes/],
    ['bytes after the last tensor', fileOf({ a: entry([1], [0, 4]) }, 5), /1 bytes at the end belong to no tensor/],
    ['half a byte', fileOf({ a: entry([1], [0, 1], 'F4') }, 1), /do not fill whole bytes/],
  ]
  test.each(cases)('%s', (_, bytes, reason) => {
    const parse = () => parseSafetensors(bytes, 'bad.safetensors')
    expect(parse).toThrow(WeightFileError)
    expect(parse).toThrow(reason)
  })

  test('names of object internals are names like any other', () => {
    const text =
      '{"__proto__":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"constructor":{"dtype":"U8","shape":[],"data_offsets":[2,3]}}'
    const { tensors } = parseSafetensors(fileOf(text, 3), 'odd.safetensors')
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor'])
    expect('dtype' in {}).toBe(false)
  })

  test('the error names file, tensor and reason', () => {
    const error = parseError(fileOf({ 'model.norm.weight': entry([3], [0, 8]) }, 8))
    expect(error).toMatchObject({ file: 'bad.safetensors', tensor: 'model.norm.weight' })
    expect(error?.reason).toContain('disagree')
    expect(error?.message).toMatch(/^bad\.safetensors, tensor "model\.norm\.weight": /)
  })
})

function parseError(bytes: Uint8Array): WeightFileError | null {
  try {
    parseSafetensors(bytes, 'bad.safetensors')
    return null
  } catch (error) {
    if (error instanceof WeightFileError) return error
    throw error
  }
}

test('20,000 mutated files: typed errors alone, in time, without large buffers', () => {
  const buffers = () => process.memoryUsage().arrayBuffers
  const before = buffers()
  let refused = 0
  let slowest = 0
  let largest = 0
  for (let seed = 0; seed < 20_000; seed++) {
    const bytes = hostileWeightFile(seed)
    const start = performance.now()
    const error = parseError(bytes)
    const elapsed = performance.now() - start
    // A pause of the machine is not the parser's: what is slow must be slow again.
    if (elapsed > slowest) slowest = Math.max(slowest, Math.min(elapsed, timeToParse(bytes)))
    if (error !== null) refused++
    else checkTiling(bytes)
    if (seed % 500 === 0) largest = Math.max(largest, buffers() - before)
  }
  // Both kinds must occur, or the mutations test nothing.
  expect(refused).toBeGreaterThan(10_000)
  expect(refused).toBeLessThan(19_900)
  expect(slowest).toBeLessThan(100)
  expect(largest).toBeLessThan(64 * 2 ** 20)
})

function timeToParse(bytes: Uint8Array): number {
  const start = performance.now()
  parseError(bytes)
  return performance.now() - start
}

/** What the reader accepts must be safe to read: ranges inside the file that add up to its data. */
function checkTiling(bytes: Uint8Array): void {
  let total = 0
  for (const { offset, byteLength } of parseSafetensors(bytes, 'file').tensors.values()) {
    if (offset < 8 || offset + byteLength > bytes.length) throw new Error('accepted a range outside the file')
    total += byteLength
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  if (total !== bytes.length - 8 - headerBytes) throw new Error('accepted a file with unclaimed bytes')
}

/** What a correct rounding to `dtype` gives, worked out on numbers rather than bits. */
function rounded(value: number, dtype: 'f32' | 'f16' | 'bf16'): number {
  if (dtype === 'f32' || !Number.isFinite(value) || value === 0) return value
  const [digits, smallest] = dtype === 'f16' ? [10, -14] : [7, -126]
  // log2 may be off by a hair at powers of two; the loop sets it right.
  let exponent = Math.floor(Math.log2(Math.abs(value)))
  while (2 ** exponent > Math.abs(value)) exponent--
  while (2 ** (exponent + 1) <= Math.abs(value)) exponent++
  const step = 2 ** (Math.max(exponent, smallest) - digits)
  const scaled = value / step
  const floor = Math.floor(scaled)
  const rest = scaled - floor
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0)
  const result = (up ? floor + 1 : floor) * step
  return result === 0 && value < 0 ? -0 : result
}

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 })

describe.each(['f32', 'f16', 'bf16'] as const)('a round trip in %s', (dtype) => {
  const most = dtype === 'f16' ? 65_504 : dtype === 'bf16' ? 3.38e38 : 3.4e38
  const values = fc.oneof(
    fc.float({ min: -Math.fround(most), max: Math.fround(most), noNaN: true, maxExcluded: true, minExcluded: true }),
    fc.float({ min: -2, max: 2, noNaN: true }),
    fc.constantFrom(
      0,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
    ),
    fc.constantFrom(1 + 2 ** -8, 1 + 3 * 2 ** -8, 2 ** -24, 2 ** -25, 3 * 2 ** -25, 2 ** -133, 2 ** -134, 2 ** -149),
  )

  test('keeps shapes, metadata and values, rounded to nearest even', async () => {
    const file = path.join(folder, `${dtype}.safetensors`)
    const tensor = shapes.chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1)
      return fc
        .array(values, { minLength: length, maxLength: length })
        .map((list) => ({ shape, data: Float32Array.from(list) }))
    })
    const names = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => name !== '__metadata__')
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, tensor, { maxKeys: 5 }), fc.boolean(), async (tensors, shared) => {
        const list = Object.entries(tensors).map(([name, { shape, data }]) => ({ name, shape, data }))
        await writeSafetensors(file, list, { dtype, metadata: { format: 'pt', 键: '值' } })
        await using read = await openSafetensors(file)
        expect(Object.fromEntries(read.metadata)).toEqual({ format: 'pt', 键: '值' })
        expect([...read.tensors.keys()].sort()).toEqual(list.map(({ name }) => name).sort())
        for (const { name, shape, data } of list) {
          expect(read.tensors.get(name)?.shape).toEqual(shape)
          const back = await read.read(name, { shared })
          expect(back.buffer instanceof SharedArrayBuffer).toBe(shared)
          expect([...back]).toEqual([...data].map((value) => rounded(value, dtype)))
        }
      }),
      { numRuns: 150 },
    )
  })
})

test('every half survives a round trip with its bits', async () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits)
  const plain = halves.filter((bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0)
  for (const dtype of ['F16', 'BF16'] as const) {
    const kept = dtype === 'F16' ? plain : halves.filter((bits) => (bits & 0x7f80) !== 0x7f80 || (bits & 0x7f) === 0)
    const bytes = fileOf({ a: entry([kept.length], [0, kept.length * 2], dtype) }, kept.length * 2)
    new Uint8Array(bytes.buffer).set(new Uint8Array(kept.buffer), bytes.length - kept.length * 2)
    const file = path.join(folder, 'halves.safetensors')
    await writeFile(file, bytes)
    await using read = await openSafetensors(file)
    const data = await read.read('a')
    await writeSafetensors(file, [{ name: 'a', shape: [kept.length], data }], {
      dtype: dtype === 'F16' ? 'f16' : 'bf16',
    })
    const back = await readFile(file)
    expect(Buffer.compare(back.subarray(back.length - kept.length * 2), Buffer.from(kept.buffer))).toBe(0)
  }
})

describe('writing', () => {
  const tensors: TensorToWrite[] = [
    { name: 'b', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    { name: 'a', shape: [3], data: () => Float32Array.of(5, 6, 7) },
    { name: '10', shape: [], data: Float32Array.of(8) },
  ]

  test('gives equal bytes for equal tensors in any order, and data at a multiple of 64', async () => {
    const [one, two] = [path.join(folder, 'one'), path.join(folder, 'two')]
    await writeSafetensors(one, tensors, { dtype: 'f32', metadata: { a: '1', b: '2' } })
    await writeSafetensors(two, tensors.toReversed(), { dtype: 'f32', metadata: { b: '2', a: '1' } })
    const bytes = await readFile(one)
    expect(Buffer.compare(bytes, await readFile(two))).toBe(0)
    expect((8 + Number(bytes.readBigUInt64LE())) % 64).toBe(0)
  })

  test('leaves the old file and nothing beside it when it fails', async () => {
    const inner = await mkdtemp(path.join(folder, 'fail-'))
    const file = path.join(inner, 'w.safetensors')
    await writeSafetensors(file, tensors, { dtype: 'f32' })
    const before = await readFile(file)
    const broken = [...tensors, { name: 'c', shape: [5], data: Float32Array.of(1) }]
    await expect(writeSafetensors(file, broken, { dtype: 'f32' })).rejects.toThrow('1 values do not fill the shape [5]')
    expect(Buffer.compare(before, await readFile(file))).toBe(0)
    expect(await readdir(inner)).toEqual(['w.safetensors'])
  })

  test('refuses a finite value that the dtype can only hold as infinity', async () => {
    const file = path.join(folder, 'overflow')
    const write = (value: number, dtype: 'f16' | 'bf16') =>
      writeSafetensors(file, [{ name: 'a', shape: [2], data: Float32Array.of(0, value) }], { dtype })
    await expect(write(70_000, 'f16')).rejects.toThrow('value 70000 at 1 is too large for f16; write bf16 or f32')
    await expect(write(65_520, 'f16')).rejects.toThrow(WeightFileError)
    await expect(write(3.4e38, 'bf16')).rejects.toThrow('too large for bf16; write f32')
    await write(65_519, 'f16')
    await write(Number.NEGATIVE_INFINITY, 'f16')
  })

  test('refuses one name twice and the reserved name', async () => {
    const twice = [tensors[0], tensors[0]]
    await expect(writeSafetensors(path.join(folder, 'x'), twice, { dtype: 'f32' })).rejects.toThrow('given twice')
    const reserved = [{ ...tensors[0], name: '__metadata__' }]
    await expect(writeSafetensors(path.join(folder, 'x'), reserved, { dtype: 'f32' })).rejects.toThrow(
      'not a possible name',
    )
  })
})

describe('opening', () => {
  test('reads tensors longer than one chunk', async () => {
    const length = (1 << 20) + 77
    const data = Float32Array.from({ length }, (_, index) => (index % 2048) - 1024)
    for (const dtype of ['f32', 'f16'] as const) {
      const file = path.join(folder, 'long.safetensors')
      await writeSafetensors(file, [{ name: 'a', shape: [length], data }], { dtype })
      await using read = await openSafetensors(file)
      expect(Buffer.compare(Buffer.from((await read.read('a')).buffer), Buffer.from(data.buffer))).toBe(0)
    }
  })

  test('refuses other dtypes and unknown names by name', async () => {
    const file = path.join(folder, 'long-ints.safetensors')
    await writeFile(file, fileOf({ ids: entry([1], [0, 8], 'I64') }, 8))
    await using read = await openSafetensors(file)
    await expect(read.read('ids')).rejects.toThrow('dtype I64 is not supported')
    await expect(read.read('other')).rejects.toThrow('no such tensor')
  })

  test('notices a file that shrinks while it is read', async () => {
    const file = path.join(folder, 'shrinking.safetensors')
    await writeSafetensors(file, [{ name: 'a', shape: [1000], data: new Float32Array(1000) }], { dtype: 'f32' })
    await using read = await openSafetensors(file)
    await truncate(file, 2000)
    await expect(read.read('a')).rejects.toThrow('became shorter')
  })

  test('refuses what is no regular file', async () => {
    await expect(openSafetensors(folder)).rejects.toThrow('not a regular file')
    const device = path.join(folder, 'device')
    await symlink('/dev/zero', device)
    await expect(openSafetensors(device)).rejects.toThrow('not a regular file')
  })
})
