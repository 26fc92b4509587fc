/** Writes GGUF files: the header first, then each tensor when its turn comes, so that only one is held at a time. */
import type { FileHandle } from 'node:fs/promises'
import { writeAll, writeDurably } from '../weights/durable.ts'
import { encode, type GgufDtype, typeOf, written } from './encode.ts'
import { GgufError } from './error.ts'
import { type Kind, kinds, magic, usualAlignment, version } from './format.ts'

/** A value of the metadata with its kind: numbers alone do not say which of them it is. */
export type Entry =
  | { kind: 'u32' | 'i32' | 'f32'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'string'; value: string }
  | { kind: 'strings'; value: readonly string[] }
  | { kind: 'i32s'; value: readonly number[] }

export interface TensorPlan {
  name: string
  /** Innermost dimension first. */
  dimensions: readonly number[]
  dtype: GgufDtype
  values: () => Float32Array
}

const aligned = (at: number) => Math.ceil(at / usualAlignment) * usualAlignment

/** Beside first, then fsynced and renamed. @throws GgufError */
export async function writeGguf(
  path: string,
  metadata: ReadonlyMap<string, Entry>,
  tensors: readonly TensorPlan[],
): Promise<void> {
  const header = new Bytes()
  header.u32(magic)
  header.u32(version)
  header.u64(tensors.length)
  header.u64(metadata.size)
  for (const [key, entry] of metadata) {
    header.text(key)
    header.entry(entry)
  }
  let offset = 0
  for (const { name, dimensions, dtype } of tensors) {
    header.text(name)
    header.u32(dimensions.length)
    for (const size of dimensions) header.u64(size)
    header.u32(written[dtype])
    header.u64(offset)
    offset = aligned(offset + bytesOf(dimensions, dtype))
  }
  await writeDurably(path, async (file) => {
    const head = header.finish()
    await writeAll(file, head)
    await pad(file, head.length)
    for (const tensor of tensors) await writeTensor(file, path, tensor)
  })
}

function bytesOf(dimensions: readonly number[], dtype: GgufDtype): number {
  const { elements, bytes } = typeOf(dtype)
  return (dimensions.reduce((product, size) => product * size, 1) / elements) * bytes
}

async function writeTensor(file: FileHandle, path: string, plan: TensorPlan): Promise<void> {
  const { name, dimensions, dtype } = plan
  const bytes = encode(plan.values(), dtype, path, name)
  const expected = bytesOf(dimensions, dtype)
  if (bytes.length !== expected)
    throw new GgufError(
      path,
      name,
      `${bytes.length} bytes do not fill [${dimensions.join(', ')}], which takes ${expected}`,
    )
  await writeAll(file, bytes)
  await pad(file, bytes.length)
}

async function pad(file: FileHandle, written: number): Promise<void> {
  await writeAll(file, new Uint8Array(aligned(written) - written))
}

/** A header that grows. */
class Bytes {
  private readonly parts: Uint8Array[] = []

  finish(): Uint8Array {
    return Buffer.concat(this.parts)
  }

  u32(value: number): void {
    this.put(4, (view) => view.setUint32(0, value, true))
  }

  u64(value: number): void {
    this.put(8, (view) => view.setBigUint64(0, BigInt(value), true))
  }

  text(value: string): void {
    const bytes = Buffer.from(value)
    this.u64(bytes.length)
    this.parts.push(bytes)
  }

  entry(entry: Entry): void {
    if (entry.kind === 'strings' || entry.kind === 'i32s') return this.list(entry)
    this.kind(entry.kind)
    if (entry.kind === 'string') this.text(entry.value)
    else if (entry.kind === 'bool') this.put(1, (view) => view.setUint8(0, entry.value ? 1 : 0))
    else if (entry.kind === 'f32') this.put(4, (view) => view.setFloat32(0, entry.value, true))
    else if (entry.kind === 'i32') this.put(4, (view) => view.setInt32(0, entry.value, true))
    else this.u32(entry.value)
  }

  private list(entry: Extract<Entry, { kind: 'strings' | 'i32s' }>): void {
    this.kind('array')
    this.kind(entry.kind === 'strings' ? 'string' : 'i32')
    this.u64(entry.value.length)
    if (entry.kind === 'strings') for (const item of entry.value) this.text(item)
    else this.parts.push(new Uint8Array(Int32Array.from(entry.value).buffer))
  }

  private kind(kind: Kind): void {
    this.u32(kinds.indexOf(kind))
  }

  private put(length: number, set: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(length))
    set(view)
    this.parts.push(new Uint8Array(view.buffer))
  }
}
