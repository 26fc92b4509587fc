import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { invalid } from '../errors.ts'
import { judgeScopes, type Scopes } from '../ground/scope-rule.ts'

/** Statements are prepared once; the least used goes when there are more. */
const keptStatements = 256
/** Texts of statements that the scope rule has passed: the rule looks at a statement, never at its values. */
const keptVerdicts = 1024

/**
 * Kysely on Node's own SQLite. Begin, commit and savepoints are its caller's (see writer.ts): many callers share one
 * transaction, and Kysely's own `transaction()` would end it under their feet, so it is refused.
 */
export class NodeSqliteDialect implements Dialect {
  readonly #connection: DatabaseConnection

  private constructor(connection: DatabaseConnection) {
    this.#connection = connection
  }

  /** Two ways to one connection: one that refuses queries outside a scope, and one for everybody's rows. */
  static both(database: DatabaseSync, scopes: Scopes): { scoped: NodeSqliteDialect; everyone: NodeSqliteDialect } {
    const connection = new StatementConnection(database)
    return {
      scoped: new NodeSqliteDialect(new ScopedConnection(connection, scopes)),
      everyone: new NodeSqliteDialect(connection),
    }
  }

  createDriver(): Driver {
    return new OneConnection(this.#connection)
  }
  createQueryCompiler() {
    return new SqliteQueryCompiler()
  }
  createAdapter() {
    return new SqliteAdapter()
  }
  createIntrospector(db: Kysely<unknown>) {
    return new SqliteIntrospector(db)
  }
}

class OneConnection implements Driver {
  readonly #connection: DatabaseConnection

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
  }

  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }
  async beginTransaction(): Promise<void> {
    throw new Error('the store runs operations in the transaction of its writer')
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
}

class ScopedConnection implements DatabaseConnection {
  readonly #connection: StatementConnection
  readonly #scopes: Scopes
  readonly #passed = new Set<string>()

  constructor(connection: StatementConnection, scopes: Scopes) {
    this.#connection = connection
    this.#scopes = scopes
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (!this.#passed.has(query.sql)) {
      judgeScopes(query.query, this.#scopes)
      if (this.#passed.size >= keptVerdicts) this.#passed.clear()
      this.#passed.add(query.sql)
    }
    return this.#connection.executeQuery(query)
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    return this.#connection.streamQuery()
  }
}

interface Prepared {
  statement: StatementSync
  answers: boolean
}

class StatementConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, answers } = this.#prepare(sql)
    const values = parameters as readonly SQLInputValue[]
    // PostgreSQL refuses it too; SQLite would keep it, and some of its functions would read half of the text.
    if (values.some((each) => typeof each === 'string' && each.includes('\0')))
      throw invalid('A text', 'holds a NUL character')
    if (answers) return { rows: statement.all(...values) as R[] }
    const { changes, lastInsertRowid } = statement.run(...values)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  // biome-ignore lint/correctness/useYield: the store never streams rows
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the store reads pages, not streams')
  }

  #prepare(sql: string): Prepared {
    let found = this.#prepared.get(sql)
    if (found) {
      this.#prepared.delete(sql)
    } else {
      const statement = this.#database.prepare(sql)
      // The last row's number, which a result always tells, may be one of 64 bits: of a table with numbers of its own making.
      const answers = statement.columns().length > 0
      if (!answers) statement.setReadBigInts(true)
      found = { statement, answers }
      if (this.#prepared.size >= keptStatements) this.#prepared.delete(this.#prepared.keys().next().value!)
    }
    this.#prepared.set(sql, found)
    return found
  }
}
