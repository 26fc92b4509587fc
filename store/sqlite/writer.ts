import { absent, StoreError } from '../errors.ts'
import { lookUp } from '../ground/catalogue.ts'
import { faultOf, type Reply, type Request } from '../ground/message.ts'
import type { Ground } from '../ground/operation.ts'
import type { Connection } from './connection.ts'
import { isSqliteFault, storeErrorOf } from './faults.ts'

/** Calls that share one transaction, and so one wait for the disk. */
const together = 512

/**
 * Group commit: what came while the last transaction went to the disk goes into the next one together. Nobody is
 * answered before the commit. A call that fails is rolled back to its savepoint and takes nobody with it.
 */
export class Writer {
  readonly #connection: Connection
  readonly #blobs: string
  readonly #answer: (replies: Reply[]) => void
  #waiting: Request[] = []
  #busy = false

  constructor(connection: Connection, blobs: string, answer: (replies: Reply[]) => void) {
    this.#connection = connection
    this.#blobs = blobs
    this.#answer = answer
  }

  take(requests: Request[]): void {
    this.#waiting.push(...requests)
    if (this.#busy) return
    this.#busy = true
    // Not at once: messages that wait behind this one join its transaction.
    setImmediate(() => void this.#drain())
  }

  async #drain(): Promise<void> {
    const group = this.#waiting.splice(0, together)
    this.#answer(await this.#commit(group))
    this.#busy = this.#waiting.length > 0
    if (this.#busy) setImmediate(() => void this.#drain())
  }

  async #commit(group: Request[]): Promise<Reply[]> {
    const { database } = this.#connection
    const done: Reply[] = []
    try {
      database.exec('begin immediate')
      for (const request of group) {
        const reply = await this.#runOne(request)
        done.push(reply)
        // A full disk or a failing one ends the whole transaction, and with it what the earlier calls did.
        if (!database.isTransaction)
          throw new StoreError('unavailable', 'The transaction ended early; nothing of it was kept.')
        if (request.early && 'answer' in reply) this.#answer([{ ...reply, decided: true }])
      }
      database.exec('commit')
      return done
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      return this.#failed(group, done, faultOf(storeErrorOf(error)))
    }
  }

  /** None of the group was kept: each is told so, with its own reason where it has one. */
  #failed(group: Request[], done: Reply[], fault: ReturnType<typeof faultOf>): Reply[] {
    const own = done.find((each) => 'fault' in each && ['full', 'unavailable'].includes(each.fault.code))
    const reason = own && 'fault' in own ? own.fault : fault
    return group.map(({ id }, at) => {
      const reply = done[at]
      return reply && 'fault' in reply ? reply : { id, fault: reason }
    })
  }

  async #runOne(request: Request): Promise<Reply> {
    const { database } = this.#connection
    database.exec('savepoint one')
    try {
      const answer = await runOn(this.#connection, this.#blobs, request)
      database.exec('release one')
      return { id: request.id, answer }
    } catch (error) {
      if (database.isTransaction) database.exec('rollback to one; release one')
      return { id: request.id, fault: faultOf(named(error, request)) }
    }
  }
}

/** A row that refers to nothing: what was to be its parent is not there, or another's. */
function named(error: unknown, { args }: Request): unknown {
  const mapped = storeErrorOf(error)
  if (!(isSqliteFault(error) && mapped instanceof StoreError && mapped.code === 'absent')) return mapped
  return absent('such owner or parent', String(args[0]))
}

export async function runOn(connection: Connection, blobs: string, { name, args, now }: Request): Promise<unknown> {
  const ground: Ground = {
    db: connection.db,
    everyone: connection.everyone,
    dialect: 'sqlite',
    now,
    blobs,
    call: (inner, innerArgs) => lookUp(inner).run(ground, ...innerArgs),
  }
  return await lookUp(name).run(ground, ...args)
}
