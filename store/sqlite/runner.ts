import { join } from 'node:path'
import { lookUp } from '../ground/catalogue.ts'
import { type Runner, tooMany, waitingMost } from '../ground/runner.ts'
import { makeFolder, syncFolder } from './connection.ts'
import { StoreThread } from './threads.ts'

export const databaseName = 'dotline.sqlite'

/** One thread writes, one reads, and a third, started when it is first needed, searches and sums up. */
export class SqliteRunner implements Runner {
  readonly #writer: StoreThread
  readonly #reader: StoreThread
  readonly #searcher: StoreThread

  private constructor(file: string, blobs: string) {
    this.#writer = new StoreThread({ file, blobs, role: 'writer' })
    this.#reader = new StoreThread({ file, blobs, role: 'reader' })
    this.#searcher = new StoreThread({ file, blobs, role: 'reader' })
  }

  /** Creates what is missing in `folder` and brings the database to this version. */
  static async open(folder: string, blobs: string): Promise<SqliteRunner> {
    makeFolder(folder)
    const runner = new SqliteRunner(join(folder, databaseName), blobs)
    await runner.#writer.start()
    // The file's name, made just now, must survive as well as what is in it.
    syncFolder(folder)
    // Not waited for: it would come too late only for the first reads, and those wait for it by themselves.
    runner.#reader.start().catch(() => {})
    return runner
  }

  call(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown> {
    const thread = this.#threadFor(lookUp(name).kind)
    return thread.waiting >= waitingMost ? Promise.reject(tooMany()) : thread.call(name, args, now, decided)
  }

  #threadFor(kind: 'read' | 'slow' | 'write'): StoreThread {
    if (kind === 'write') return this.#writer
    return kind === 'read' ? this.#reader : this.#searcher
  }

  async close(): Promise<void> {
    await Promise.all([this.#reader.close(), this.#searcher.close()])
    await this.#writer.close()
  }
}
