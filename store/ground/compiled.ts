import type { CompiledQuery, Kysely } from 'kysely'
import type { DialectName } from '../schema/shape.ts'
import type { Tables } from '../schema/tables.ts'
import type { Ground } from './operation.ts'

type Value = string | number | null

/** Stands for a value while a statement is built. */
class Place {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

interface Known<R> {
  query: CompiledQuery<R>
  /** The name of the value that goes to each parameter; null: it is always the same. */
  names: (string | null)[]
}

/**
 * A statement that every request runs: Kysely builds and compiles it once, for building it anew costs several times
 * what the database takes to run it. `given` holds the values by their names, and `build` may only hand them on. The
 * scope rule judges it as it does every other (see scope-rule.ts).
 */
export function compiled<G extends Record<string, Value>, R>(
  build: (db: Kysely<Tables>, given: G) => { compile(): CompiledQuery<R> },
  whose: 'db' | 'everyone' = 'db',
): (ground: Ground, given: G) => Promise<R[]> {
  const known = new Map<DialectName, Known<R>>()
  return async (ground, given) => {
    const db = ground[whose]
    let one = known.get(ground.dialect)
    if (one === undefined) {
      one = compileOnce(db, build)
      known.set(ground.dialect, one)
    }
    const { query, names } = one
    const parameters = names.map((name, at) => (name === null ? query.parameters[at] : given[name]))
    return (await db.executeQuery<R>({ ...query, parameters })).rows
  }
}

function compileOnce<G, R>(
  db: Kysely<Tables>,
  build: (db: Kysely<Tables>, given: G) => { compile(): CompiledQuery<R> },
): Known<R> {
  const places = new Proxy({}, { get: (_, name) => new Place(String(name)) }) as G
  const query = build(db, places).compile()
  return { query, names: query.parameters.map((each) => (each instanceof Place ? each.name : null)) }
}
