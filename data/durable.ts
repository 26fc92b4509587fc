import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Flushes a file, or a folder's entries, so that a rename in it survives a power cut. */
export function flushToDisk(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const bufferBytes = 2 ** 20

/** A file written beside its place (`name.partial`), then fsynced and renamed: readers see all of it or none. */
export class DurableFile {
  readonly path: string
  #descriptor: number
  #buffer = new Uint8Array(bufferBytes)
  #filled = 0

  constructor(path: string) {
    this.path = path
    this.#descriptor = openSync(`${path}.partial`, 'w')
  }

  write(bytes: Uint8Array): void {
    if (this.#filled + bytes.length > bufferBytes) this.#flush()
    if (bytes.length > bufferBytes) return this.#writeAll(bytes)
    this.#buffer.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  #flush(): void {
    this.#writeAll(this.#buffer.subarray(0, this.#filled))
    this.#filled = 0
  }

  #writeAll(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptor, bytes, done, bytes.length - done)
  }

  /** Makes the file durable under its own name. */
  commit(): void {
    this.#flush()
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
    renameSync(`${this.path}.partial`, this.path)
    flushToDisk(dirname(this.path))
  }

  /** Removes what was written. */
  abandon(): void {
    closeSync(this.#descriptor)
    rmSync(`${this.path}.partial`, { force: true })
  }
}

/** Writes a whole small file durably. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const file = new DurableFile(path)
  file.write(typeof content === 'string' ? new TextEncoder().encode(content) : content)
  file.commit()
}
