/** Weight files in the safetensors format: read with every claim of the header checked first, written all or nothing. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { writeAll, writeDurably } from './weights/durable.ts'
import { WeightFileError } from './weights/error.ts'
import {
  bytesPerElement,
  firstOverflow,
  narrowBf16,
  narrowF16,
  type WeightDtype,
  widenBf16,
  widenF16,
} from './weights/halves.ts'
import { headerLength, parseHeader, type SafetensorsHeader, type TensorInfo } from './weights/header.ts'

export { WeightFileError } from './weights/error.ts'
export type { WeightDtype } from './weights/halves.ts'
export type { SafetensorsHeader, TensorInfo } from './weights/header.ts'

/** Elements converted at a time: small enough for the cache, large enough to make system calls few. */
const chunkElements = 1 << 20

/**
 * Opens the safetensors file at `path` and checks its whole header against its length before anything else is allocated.
 * Throws WeightFileError. The caller closes the file.
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new WeightFileError(path, null, 'not a regular file')
    const prefix = new Uint8Array(Math.min(8, stat.size))
    await readExactly(handle, prefix, 0, path, null)
    const json = new Uint8Array(headerLength(prefix, stat.size, path))
    await readExactly(handle, json, 8, path, null)
    return new SafetensorsFile(path, handle, parseHeader(json, stat.size, path))
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The header of a safetensors file that lies in memory; `file` names it in errors. Throws WeightFileError. */
export function parseSafetensors(bytes: Uint8Array, file: string): SafetensorsHeader {
  const length = headerLength(bytes.subarray(0, 8), bytes.length, file)
  return parseHeader(bytes.subarray(8, 8 + length), bytes.length, file)
}

/** An open weight file. Tensors are read one by one, by position, so that a file may be larger than memory. */
export class SafetensorsFile implements AsyncDisposable {
  readonly path: string
  readonly metadata: ReadonlyMap<string, string>
  readonly tensors: ReadonlyMap<string, TensorInfo>
  private readonly handle: FileHandle

  constructor(path: string, handle: FileHandle, header: SafetensorsHeader) {
    this.path = path
    this.handle = handle
    this.metadata = header.metadata
    this.tensors = header.tensors
  }

  /**
   * The tensor's values, widened to float32, in row-major order; on memory that worker threads share if `shared`.
   * Throws WeightFileError where there is no such tensor or its dtype is not F32, F16 or BF16.
   */
  async read(name: string, options: { shared?: boolean } = {}): Promise<Float32Array> {
    const info = this.tensors.get(name)
    if (info === undefined) throw new WeightFileError(this.path, name, 'no such tensor')
    if (info.dtype !== 'F32' && info.dtype !== 'F16' && info.dtype !== 'BF16')
      throw new WeightFileError(this.path, name, `dtype ${info.dtype} is not supported; convert it to F32, F16 or BF16`)
    const elements = info.byteLength / (info.dtype === 'F32' ? 4 : 2)
    const values = this.allocate(name, elements, options.shared ?? false)
    if (info.dtype === 'F32') {
      const bytes = new Uint8Array(values.buffer)
      await readExactly(this.handle, bytes, info.offset, this.path, name)
      return values
    }
    const widen = info.dtype === 'F16' ? widenF16 : widenBf16
    const chunk = new Uint16Array(Math.min(chunkElements, elements))
    for (let start = 0; start < elements; start += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, elements - start))
      const bytes = new Uint8Array(part.buffer, 0, part.byteLength)
      await readExactly(this.handle, bytes, info.offset + start * 2, this.path, name)
      widen(part, values, start)
    }
    return values
  }

  async close(): Promise<void> {
    await this.handle.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  private allocate(name: string, elements: number, shared: boolean): Float32Array {
    try {
      return new Float32Array(shared ? new SharedArrayBuffer(elements * 4) : new ArrayBuffer(elements * 4))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new WeightFileError(this.path, name, `${elements * 4} bytes of float32 do not fit into memory`)
    }
  }
}

export interface TensorToWrite {
  name: string
  shape: readonly number[]
  /** Row-major values, or a function that makes them when their turn comes, so that only one copy lives at a time. */
  data: Float32Array | (() => Float32Array)
}

export interface WriteOptions {
  dtype: WeightDtype
  /** Kept in the header; transformers wants `format: 'pt'` here. */
  metadata?: Readonly<Record<string, string>>
}

/**
 * Writes `tensors` to `path`, beside first, then fsynced and renamed. Equal tensors give equal bytes, in whatever order
 * they come. Rounds to nearest, ties to even; throws WeightFileError where a finite value would become infinite.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorToWrite[],
  options: WriteOptions,
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1))
  const header = encodeHeader(path, sorted, options)
  await writeDurably(path, async (file) => {
    await writeAll(file, header)
    for (const tensor of sorted) await writeTensor(file, path, tensor, options.dtype)
  })
}

function encodeHeader(path: string, sorted: readonly TensorToWrite[], { dtype, metadata }: WriteOptions): Uint8Array {
  const entries: [string, unknown][] = []
  if (metadata !== undefined)
    entries.push(['__metadata__', Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))])
  let at = 0
  sorted.forEach(({ name, shape }, index) => {
    if (name === '__metadata__' || !name.isWellFormed()) throw new WeightFileError(path, name, 'not a possible name')
    if (index > 0 && sorted[index - 1].name === name) throw new WeightFileError(path, name, 'given twice')
    const end = at + elementCount(shape) * bytesPerElement[dtype]
    entries.push([name, { dtype: dtype.toUpperCase(), shape, data_offsets: [at, end] }])
    at = end
  })
  // Object literals would reorder names that look like numbers and lose "__proto__": spell the object out.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
  const text = Buffer.from(json)
  // Spaces, so that the data begins at a multiple of 64 bytes and can be mapped into memory as it is.
  const header = Buffer.alloc(Math.ceil((8 + text.length) / 64) * 64, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  text.copy(header, 8)
  return header
}

async function writeTensor(file: FileHandle, path: string, tensor: TensorToWrite, dtype: WeightDtype): Promise<void> {
  const data = typeof tensor.data === 'function' ? tensor.data() : tensor.data
  if (data.length !== elementCount(tensor.shape))
    throw new WeightFileError(
      path,
      tensor.name,
      `${data.length} values do not fill the shape [${tensor.shape.join(', ')}]`,
    )
  for (let start = 0; start < data.length; start += chunkElements) {
    const part = data.subarray(start, start + chunkElements)
    const overflow = firstOverflow(part, dtype)
    if (overflow >= 0)
      throw new WeightFileError(
        path,
        tensor.name,
        `value ${part[overflow]} at ${start + overflow} is too large for ${dtype}; write ${dtype === 'f16' ? 'bf16 or ' : ''}f32`,
      )
    const narrow = dtype === 'f32' ? part : dtype === 'f16' ? narrowF16(part) : narrowBf16(part)
    await writeAll(file, new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength))
  }
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

async function readExactly(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  path: string,
  tensor: string | null,
): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    // Node reads at most 2 GB at a time.
    const length = Math.min(bytes.length - at, 1 << 30)
    const { bytesRead } = await handle.read(bytes, at, length, position + at)
    if (bytesRead === 0) throw new WeightFileError(path, tensor, 'the file became shorter while it was read')
    at += bytesRead
  }
}
