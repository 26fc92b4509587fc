import { setTimeout as wait } from 'node:timers/promises'
import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { lookUp } from '../ground/catalogue.ts'
import { errorOf, faultOf } from '../ground/message.ts'
import type { Ground } from '../ground/operation.ts'
import { type Runner, tooMany, waitingMost } from '../ground/runner.ts'
import { scopeRule } from '../ground/scope-rule.ts'
import { migrate, migrationLock } from '../schema/migrations.ts'
import { scopes, type Tables } from '../schema/tables.ts'
import { isWorthRetrying, storeErrorOf } from './faults.ts'

const connections = 10
const connectMs = 5000
const tries = 8

/** 64-bit whole numbers and sums as numbers: everything that is stored is below 2^53. */
const numbers = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC])
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    numbers.has(oid) ? Number : pg.types.getTypeParser(oid, format as 'text'),
} as pg.CustomTypesConfig

/** An operation is a transaction. A connection whose transaction could not be ended is thrown away, never used again. */
export class PostgresRunner implements Runner {
  readonly #everyone: Kysely<Tables>
  readonly #blobs: string
  #waiting = 0

  private constructor(everyone: Kysely<Tables>, blobs: string) {
    this.#everyone = everyone
    this.#blobs = blobs
  }

  /** Connects and brings the database to this version; other nodes that start at the same time wait their turn. */
  static async open(url: string, blobs: string): Promise<PostgresRunner> {
    const pool = new pg.Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: connectMs,
      keepAlive: true,
      types,
      application_name: 'dotline',
    })
    // A connection that breaks leaves the pool by itself, and its caller hears of it from the query; but where nobody
    // listens for the event, idle or in use, it would end the process.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    const runner = new PostgresRunner(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), blobs)
    try {
      await migrate('postgres', (run) => runner.#migration(run))
      return runner
    } catch (error) {
      await runner.close()
      throw storeErrorOf(error, [])
    }
  }

  #migration<R>(run: (db: Kysely<Tables>) => Promise<R>): Promise<R> {
    return this.#everyone.transaction().execute(async (transaction) => {
      await migrationLock.execute(transaction)
      return await run(transaction)
    })
  }

  async call(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown> {
    if (this.#waiting >= waitingMost) throw tooMany()
    this.#waiting++
    try {
      // Cloned as for SQLite's threads: an operation must not see its caller change what it was given.
      return await this.#tryAgain(name, structuredClone(args), now, decided)
    } catch (error) {
      throw errorOf(faultOf(storeErrorOf(error, args)))
    } finally {
      this.#waiting--
    }
  }

  async #tryAgain(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(name, args, now, decided)
      } catch (error) {
        if (attempt === tries || !isWorthRetrying(error)) throw error
        await wait(Math.random() * 5 * 2 ** attempt)
      }
    }
  }

  #once(name: string, args: unknown[], now: number, decided?: (answer: unknown) => void): Promise<unknown> {
    const { kind, run } = lookUp(name)
    const begin = this.#everyone.transaction()
    const transaction = kind === 'write' ? begin : begin.setIsolationLevel('repeatable read').setAccessMode('read only')
    return transaction.execute(async (inside) => {
      const answer = await run(this.#ground(inside, now), ...args)
      decided?.(answer)
      return answer
    })
  }

  #ground(everyone: Transaction<Tables>, now: number): Ground {
    const ground: Ground = {
      everyone,
      db: everyone.withPlugin(scopeRule(scopes)),
      dialect: 'postgres',
      now,
      blobs: this.#blobs,
      call: (name, args) => lookUp(name).run(ground, ...args),
    }
    return ground
  }

  async close(): Promise<void> {
    await this.#everyone.destroy()
  }
}
