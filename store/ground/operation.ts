import type { Kysely } from 'kysely'
import type { DialectName } from '../schema/shape.ts'
import type { Tables } from '../schema/tables.ts'

/** What an operation stands on while it runs: one transaction, all of which is kept or none. */
export interface Ground {
  /** Refuses a query on a table whose rows belong to somebody unless it names whose (see scope-rule.ts). */
  db: Kysely<Tables>
  /** Without that refusal: for credentials, sweeps and leases, which look for something across all owners. */
  everyone: Kysely<Tables>
  dialect: DialectName
  /** Milliseconds since 1970, as the caller's clock has it. */
  now: number
  /** Runs another operation in the same transaction. */
  call(name: string, args: unknown[]): Promise<unknown>
  /** The folder of the files' bytes. */
  blobs: string
}

/**
 * One thing that the store can do. `read` and `slow` change nothing and see committed rows alone; `slow` ones (search,
 * reports) wait for each other and let nothing else wait.
 */
export interface Operation<A extends unknown[], R> {
  kind: 'read' | 'slow' | 'write'
  run(ground: Ground, ...args: A): Promise<R>
}

type Run<A extends unknown[], R> = (ground: Ground, ...args: A) => Promise<R>

export const read = <A extends unknown[], R>(run: Run<A, R>): Operation<A, R> => ({ kind: 'read', run })
export const slow = <A extends unknown[], R>(run: Run<A, R>): Operation<A, R> => ({ kind: 'slow', run })
export const write = <A extends unknown[], R>(run: Run<A, R>): Operation<A, R> => ({ kind: 'write', run })

// biome-ignore lint/suspicious/noExplicitAny: operations of every signature stand in one table
export type AnyOperation = Operation<any[], any>

/** A call as data: what crosses to the store's thread, and what can be done together with others. */
export interface Call<R = unknown> {
  name: string
  args: unknown[]
  /** Never there; carries the type of the answer. */
  readonly answer?: R
}

export type Bound<T> = {
  [K in keyof T]: T[K] extends Operation<infer A, infer R> ? (...args: A) => Promise<R> : never
}

export type Planned<T> = {
  [K in keyof T]: T[K] extends Operation<infer A, infer R> ? (...args: A) => Call<R> : never
}
