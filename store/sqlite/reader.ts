import { faultOf, type Reply, type Request } from '../ground/message.ts'
import type { Connection } from './connection.ts'
import { storeErrorOf } from './faults.ts'
import { runOn } from './writer.ts'

/** Answers from committed rows alone, one call after another, each from one state of the database. */
export class Reader {
  readonly #connection: Connection
  readonly #blobs: string
  readonly #answer: (replies: Reply[]) => void
  #last: Promise<void> = Promise.resolve()

  constructor(connection: Connection, blobs: string, answer: (replies: Reply[]) => void) {
    this.#connection = connection
    this.#blobs = blobs
    this.#answer = answer
  }

  take(requests: Request[]): void {
    for (const request of requests)
      this.#last = this.#last.then(async () => this.#answer([await this.#runOne(request)]))
  }

  async #runOne(request: Request): Promise<Reply> {
    const { database } = this.#connection
    try {
      database.exec('begin')
      const answer = await runOn(this.#connection, this.#blobs, request)
      database.exec('commit')
      return { id: request.id, answer }
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      return { id: request.id, fault: faultOf(storeErrorOf(error)) }
    }
  }
}
