/** Answers on disk as they come: a run that is cut off, by whatever, goes on from here. */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import type { Response } from './method.ts'

/** What an answer is kept under: it is asked again where any of these is another. */
export function keyOf(fingerprint: string, task: string, item: string, seed: number): string {
  return createHash('sha256')
    .update(JSON.stringify([fingerprint, task, item, seed]))
    .digest('hex')
    .slice(0, 24)
}

/** Answers may be lost for this long when the power goes, ms; a crash of the program loses none. */
const flushMs = 1000

export class Journal {
  readonly #answers = new Map<string, Response>()
  readonly #file: number
  #flushed = Date.now()

  /** Reads what is there. A line that was being written when the program ended is cut off. */
  constructor(path: string) {
    if (existsSync(path)) {
      const bytes = readFileSync(path)
      const whole = bytes.lastIndexOf(10) + 1
      for (const line of bytes.subarray(0, whole).toString('utf8').split('\n')) this.#read(line)
      truncateSync(path, whole)
    }
    this.#file = openSync(path, 'a')
  }

  get size(): number {
    return this.#answers.size
  }

  get(key: string): Response | undefined {
    return this.#answers.get(key)
  }

  add(key: string, response: Response): void {
    this.#answers.set(key, response)
    writeSync(this.#file, `${JSON.stringify({ key, response })}\n`)
    if (Date.now() - this.#flushed < flushMs) return
    fsyncSync(this.#file)
    this.#flushed = Date.now()
  }

  close(): void {
    fsyncSync(this.#file)
    closeSync(this.#file)
  }

  #read(line: string): void {
    if (line === '') return
    try {
      const { key, response } = JSON.parse(line) as { key: string; response: Response }
      if (typeof key === 'string' && response) this.#answers.set(key, response)
    } catch {
      // A damaged line is an answer less, which is asked for again.
    }
  }
}
