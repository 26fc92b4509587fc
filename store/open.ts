import { join } from 'node:path'
import { type FileDoor, withBytes } from './blobs/file-door.ts'
import { type Catalogue, catalogue } from './ground/catalogue.ts'
import type { Bound, Call, Planned } from './ground/operation.ts'
import type { Runner } from './ground/runner.ts'
import { PostgresRunner } from './postgres/runner.ts'
import { SqliteRunner } from './sqlite/runner.ts'
import { followable, type StreamDoor, StreamNews } from './streams/follow.ts'

export interface StoreSettings {
  /** Where the database and the files' bytes lie. With PostgreSQL only the bytes; all nodes must see the same folder. */
  folder: string
  /** A PostgreSQL database (`DATABASE_URL`); absent: SQLite in the folder. */
  url?: string
  /** Milliseconds since 1970. */
  clock?: () => number
}

type Doors = Omit<Catalogue, 'together'>

/** A call as data, to be done with others by `together` or once by `idempotency.once`. */
export type Plan = { [Door in keyof Doors]: Planned<Doors[Door]> }

type Bindings = { [Door in keyof Doors]: Bound<Doors[Door]> }

export type Store = Omit<Bindings, 'files' | 'streams'> & {
  readonly files: FileDoor
  readonly streams: StreamDoor
  readonly plan: Plan
  /** Several calls in one transaction: all are kept, or none. */
  together<const C extends readonly Call[]>(calls: C): Promise<{ -readonly [At in keyof C]: Answer<C[At]> }>
  /**
   * One call, answered twice: once it is decided, and once it is on the disk. Work may begin with the first answer, but
   * nothing that comes of it may reach anybody before the second; and where the second is an error, nothing was kept.
   */
  early<R>(call: Call<R>): { decided: Promise<R>; kept: Promise<R> }
  /**
   * Forgets what has expired (files, streams, responses, idempotency keys, counters, bytes that nothing names), and ends
   * what dead servers left open. To be called every few seconds, on any node.
   */
  sweep(): Promise<void>
  /** Ends when everything that was called is answered. */
  close(): Promise<void>
}

type Answer<C> = C extends Call<infer R> ? R : never

/** Opens the store, creates what is missing, and brings the database to this version. */
export async function openStore({ folder, url, clock = Date.now }: StoreSettings): Promise<Store> {
  const blobs = join(folder, 'blobs')
  const runner: Runner = url ? await PostgresRunner.open(url, blobs) : await SqliteRunner.open(folder, blobs)
  const news = new StreamNews()
  const run = async (name: string, args: unknown[], decided?: (answer: unknown) => void): Promise<unknown> => {
    const answer = await runner.call(name, args, clock(), decided)
    news.tell({ name, args })
    return answer
  }
  const bound = doors(run) as Bindings
  const files = withBytes(bound.files, blobs)
  return {
    ...bound,
    files,
    streams: followable(bound.streams, news),
    plan: doors((name, args) => ({ name, args })) as Plan,
    together: ((calls: readonly Call[]) => run('together.all', [calls])) as Store['together'],
    early: <R>({ name, args }: Call<R>) => {
      const decided = Promise.withResolvers<R>()
      const kept = run(name, args, (answer) => decided.resolve(answer as R)) as Promise<R>
      kept.then(decided.resolve, decided.reject)
      return { decided: decided.promise, kept }
    },
    sweep: () => sweep({ ...bound, files }),
    close: () => runner.close(),
  }
}

async function sweep({
  completions,
  conversations,
  files,
  idempotency,
  limits,
  responses,
  streams,
  uploads,
  usage,
}: Bindings & { files: FileDoor }): Promise<void> {
  await Promise.all([
    files.sweepExpired(),
    streams.sweep(),
    responses.sweep(),
    completions.sweep(),
    idempotency.sweep(),
    limits.sweep(),
    uploads.sweep(),
  ])
  await Promise.all([streams.abandon(), usage.recover(), conversations.sweep()])
  await files.sweepBlobs()
  await files.sweepIncoming()
}

/** The catalogue with every operation replaced by a function that makes of a call what `how` makes of it. */
function doors(how: (name: string, args: unknown[]) => unknown): object {
  const bound = Object.entries(catalogue).map(([door, operations]) => {
    const functions = Object.keys(operations).map((name) => [
      name,
      (...args: unknown[]) => how(`${door}.${name}`, args),
    ])
    return [door, Object.fromEntries(functions)]
  })
  return Object.fromEntries(bound)
}
