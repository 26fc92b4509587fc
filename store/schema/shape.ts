import type { CreateTableBuilder, Generated, Kysely } from 'kysely'
import { sql } from 'kysely'

export type DialectName = 'sqlite' | 'postgres'

/** Text, or a whole number up to 2^53 (times, counts, money in billionths, 0 and 1); `?` may be null; `serial` counts up. */
export type Column = 'text' | 'text?' | 'whole' | 'whole?' | 'serial'

/** A table as data: what creates it, what types its rows, and what the scope rule enforces. */
export interface Shape {
  columns: Readonly<Record<string, Column>>
  key: readonly string[]
  /** The column that says whose a row is; absent for tables that belong to the whole installation. */
  scope?: string
  unique?: readonly (readonly string[])[]
  indexes?: Readonly<Record<string, readonly string[]>>
  /** Rows go when the row they refer to goes. */
  within?: readonly { columns: readonly string[]; table: string; key: readonly string[] }[]
}

type Value<C extends Column> = C extends 'text'
  ? string
  : C extends 'text?'
    ? string | null
    : C extends 'whole'
      ? number
      : C extends 'whole?'
        ? number | null
        : Generated<number>

/** The rows' types, column by column. */
export type RowsOf<T extends Readonly<Record<string, Shape>>> = {
  [Name in keyof T]: { -readonly [K in keyof T[Name]['columns']]: Value<T[Name]['columns'][K]> }
}

/** Creates the tables in the order in which they stand. */
export async function createTables(
  db: Kysely<never>,
  dialect: DialectName,
  shapes: Readonly<Record<string, Shape>>,
): Promise<void> {
  for (const [name, shape] of Object.entries(shapes)) {
    await tableOf(db, dialect, name, shape).execute()
    for (const [index, columns] of Object.entries(shape.indexes ?? {})) {
      await db.schema
        .createIndex(`${name}_${index}`)
        .on(name)
        .columns([...columns])
        .execute()
    }
  }
}

function tableOf(db: Kysely<never>, dialect: DialectName, name: string, shape: Shape): CreateTableBuilder<string> {
  let table: CreateTableBuilder<string, string> = db.schema.createTable(name)
  const whole = dialect === 'sqlite' ? 'integer' : 'bigint'
  for (const [column, kind] of Object.entries(shape.columns)) {
    if (kind === 'serial') {
      // Never the number of a row that is gone: positions in lists and in the search index must not be used again.
      table = table.addColumn(column, dialect === 'sqlite' ? 'integer' : 'bigserial', (made) =>
        dialect === 'sqlite' ? made.primaryKey().autoIncrement() : made.primaryKey(),
      )
      continue
    }
    const optional = kind.endsWith('?')
    table = table.addColumn(column, kind.startsWith('whole') ? whole : 'text', (made) =>
      optional ? made : made.notNull(),
    )
  }
  const serial = Object.values(shape.columns).includes('serial')
  if (!serial) table = table.addPrimaryKeyConstraint(`${name}_key`, [...shape.key])
  for (const columns of shape.unique ?? []) {
    table = table.addUniqueConstraint(`${name}_unique_${columns.join('_')}`, [...columns])
  }
  for (const { columns, table: target, key } of shape.within ?? []) {
    table = table.addForeignKeyConstraint(`${name}_within_${target}`, [...columns], target, [...key], (made) =>
      made.onDelete('cascade'),
    )
  }
  if (dialect === 'postgres') return table
  return table.modifyEnd(serial ? sql`strict` : sql`strict, without rowid`)
}
