/** The safetensors header: https://github.com/huggingface/safetensors#format, every rule of it checked before a tensor is read. */
import { WeightFileError } from './error.ts'
import { isJsonObject, type Json, JsonError, type JsonLimits, visitJsonMembers } from './json.ts'

export interface TensorInfo {
  /** The name the format gives it, such as F32, F16, BF16 or I64. */
  dtype: string
  shape: readonly number[]
  /** Byte position in the file. */
  offset: number
  byteLength: number
}

export interface SafetensorsHeader {
  metadata: ReadonlyMap<string, string>
  /** In the order of their bytes. */
  tensors: ReadonlyMap<string, TensorInfo>
}

/** The reference implementation's own limit. */
export const longestHeader = 100_000_000

/** Published shards hold up to some 10,000 tensors; the limits keep what a header can make us hold near 64 MB. */
const limits: JsonLimits = { depth: 4, items: 32, keys: 100_000, text: 32_000_000, wholeNumbers: true }

/** Bits per element; the format allows elements smaller than a byte as long as a tensor fills whole bytes. */
const dtypes: ReadonlyMap<string, { name: string; bits: number }> = new Map(
  Object.entries({
    F4: 4,
    F6_E2M3: 6,
    F6_E3M2: 6,
    BOOL: 8,
    U8: 8,
    I8: 8,
    F8_E5M2: 8,
    F8_E4M3: 8,
    F8_E8M0: 8,
    F8_E4M3FNUZ: 8,
    F8_E5M2FNUZ: 8,
    I16: 16,
    U16: 16,
    F16: 16,
    BF16: 16,
    I32: 32,
    U32: 32,
    F32: 32,
    C64: 64,
    F64: 64,
    I64: 64,
    U64: 64,
  }).map(([name, bits]) => [name, { name, bits }]),
)

/** Length of the JSON header, from the file's first eight bytes; checked against the file before anyone allocates it. */
export function headerLength(prefix: Uint8Array, fileBytes: number, file: string): number {
  if (fileBytes < 8 || prefix.length < 8)
    throw new WeightFileError(file, null, 'shorter than the 8 bytes that every file has')
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true)
  if (length > BigInt(longestHeader))
    throw new WeightFileError(file, null, `header of ${length} bytes, more than the format's limit of ${longestHeader}`)
  if (Number(length) > fileBytes - 8)
    throw new WeightFileError(
      file,
      null,
      `header of ${length} bytes in a file of ${fileBytes}: truncated, or not safetensors`,
    )
  return Number(length)
}

/** The header that `json` spells, for a file of `fileBytes`; throws WeightFileError where the two disagree. */
export function parseHeader(json: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  if (json[0] !== 0x7b) throw new WeightFileError(file, null, "header does not start with '{'")
  const dataStart = 8 + json.length
  const found: [string, TensorInfo][] = []
  let metadata: ReadonlyMap<string, string> = new Map()
  try {
    visitJsonMembers(json, limits, (name, value) => {
      if (name === '__metadata__') metadata = parseMetadata(value, file)
      else found.push([name, parseTensor(value, name, dataStart, file)])
    })
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new WeightFileError(file, null, `header: ${error.message}`)
  }
  found.sort((a, b) => a[1].offset - b[1].offset || a[1].byteLength - b[1].byteLength)
  checkCoverage(found, dataStart, fileBytes, file)
  return { metadata, tensors: new Map(found) }
}

function parseMetadata(value: Json, file: string): ReadonlyMap<string, string> {
  if (!isJsonObject(value)) throw new WeightFileError(file, null, '__metadata__ is not an object')
  const metadata = new Map<string, string>()
  for (const key in value) {
    const text = value[key]
    if (typeof text !== 'string')
      throw new WeightFileError(file, null, '__metadata__ holds a value that is not a string')
    metadata.set(key, text)
  }
  return metadata
}

function parseTensor(entry: Json, name: string, dataStart: number, file: string): TensorInfo {
  const fail = (reason: string): never => {
    throw new WeightFileError(file, name, reason)
  }
  if (!isJsonObject(entry)) return fail('entry is not an object')
  for (const key in entry)
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets')
      fail(`unknown key ${JSON.stringify(key.slice(0, 200))}`)
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string') return fail('dtype is not a string')
  const known = dtypes.get(dtype) ?? fail(`unknown dtype ${JSON.stringify(dtype.slice(0, 40))}`)
  if (!isWholeList(shape)) return fail('shape is not a list of whole numbers below 2^53')
  if (!isWholeList(offsets) || offsets.length !== 2)
    return fail('data_offsets is not a pair of whole numbers below 2^53')
  const [begin, end] = offsets
  const size = shape.reduce((product, length) => product * length, known.bits)
  if (!Number.isSafeInteger(size)) fail('more elements than 2^53 bits can hold')
  if (size % 8 !== 0) fail(`${size} bits do not fill whole bytes`)
  if (begin > end || end - begin !== size / 8)
    fail(`data_offsets ${begin} to ${end} disagree with ${dtype} [${shape.join(', ')}], which takes ${size / 8} bytes`)
  // The list as parsed has room to grow, and each dtype was a string of its own: with 100,000 tensors that counts.
  return { dtype: known.name, shape: shape.slice(), offset: dataStart + begin, byteLength: end - begin }
}

function isWholeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item))
}

/** The tensors, sorted by place, must tile the data: no hole, no overlap, nothing before, nothing after. */
function checkCoverage(sorted: [string, TensorInfo][], dataStart: number, fileBytes: number, file: string): void {
  let at = dataStart
  for (const [name, { offset, byteLength }] of sorted) {
    if (offset < at) throw new WeightFileError(file, name, `overlaps the tensor before it by ${at - offset} bytes`)
    if (offset > at) throw new WeightFileError(file, name, `leaves a hole of ${offset - at} bytes before it`)
    at = offset + byteLength
    if (at > fileBytes)
      throw new WeightFileError(
        file,
        name,
        `ends ${at - fileBytes} bytes after the end of the file, which is truncated`,
      )
  }
  if (at !== fileBytes) throw new WeightFileError(file, null, `${fileBytes - at} bytes at the end belong to no tensor`)
}
