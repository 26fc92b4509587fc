import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { mix, shuffleInPlace } from '#data/shuffle'
import { readLines } from './readers/lines.ts'

export interface ShuffleOptions {
  seed: number
  /** A folder of its own for what does not fit in memory; it is removed afterwards. */
  folder: string
  /** Characters held in memory before the disk is used (default 32 million). */
  memory?: number
  /** Parts on disk; each of them has to fit in memory (default 256). */
  buckets?: number
}

interface Placed {
  line: string
  bucket: number
}

/**
 * Items in a seeded random order, the same whatever the memory allows. They go through their JSON: small streams stay in
 * memory; larger ones are dealt to bucket files first, each of which is then shuffled alone, so that memory holds one
 * bucket, a 256th of the corpus.
 */
export async function* shuffledStream<T>(items: AsyncIterable<T>, options: ShuffleOptions): AsyncGenerator<T> {
  const { seed, folder, memory = 32_000_000, buckets = 256 } = options
  let held: Placed[] = []
  let length = 0
  let files: BucketFiles | undefined
  let number = 0
  try {
    for await (const item of items) {
      const line = JSON.stringify(item)
      held.push({ line, bucket: mix(mix(seed, 1), number++) % buckets })
      length += line.length
      if (length < memory) continue
      files ??= new BucketFiles(folder, buckets)
      files.add(held)
      held = []
      length = 0
    }
    if (files) {
      files.add(held)
      held = []
      files.close()
    }
    const inMemory = files ? undefined : Array.from({ length: buckets }, () => [] as string[])
    for (const { line, bucket } of held) inMemory?.[bucket].push(line)
    for (let bucket = 0; bucket < buckets; bucket++) {
      const lines = inMemory ? inMemory[bucket] : await (files as BucketFiles).read(bucket)
      for (const line of shuffleInPlace(lines, mix(seed, bucket))) yield JSON.parse(line) as T
    }
  } finally {
    files?.remove()
  }
}

/** Lines dealt to numbered files, appended a batch at a time. */
class BucketFiles {
  #folder: string
  #descriptors: number[]
  #open = true

  constructor(folder: string, buckets: number) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    this.#descriptors = Array.from({ length: buckets }, (_, i) => openSync(this.#path(i), 'w'))
  }

  #path(bucket: number): string {
    return join(this.#folder, `bucket-${bucket}`)
  }

  add(placed: Placed[]): void {
    const texts: string[][] = this.#descriptors.map(() => [])
    for (const { line, bucket } of placed) texts[bucket].push(line, '\n')
    for (const [bucket, lines] of texts.entries()) {
      const bytes = Buffer.from(lines.join(''))
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#descriptors[bucket], bytes, done)
    }
  }

  async read(bucket: number): Promise<string[]> {
    const lines: string[] = []
    for await (const { text } of readLines(this.#path(bucket), 2 ** 29)) lines.push(text)
    return lines
  }

  close(): void {
    if (this.#open) for (const descriptor of this.#descriptors) closeSync(descriptor)
    this.#open = false
  }

  remove(): void {
    this.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
