import type { Kysely } from 'kysely'
import { type Column, createTables, type DialectName, type Shape } from './shape.ts'

const ofOwner = { columns: ['owner'], table: 'owners', key: ['id'] } as const

/** Where conversations lie, and what somebody chose for all of them. */
export const version3 = {
  folders: {
    columns: { owner: 'text', id: 'text', name: 'text', settings: 'text', created: 'whole' },
    key: ['owner', 'id'],
    scope: 'owner',
    within: [ofOwner],
  },
  preferences: {
    columns: { owner: 'text', name: 'text', value: 'text', updated: 'whole' },
    key: ['owner', 'name'],
    scope: 'owner',
    within: [ofOwner],
  },
} as const satisfies Record<string, Shape>

/** Columns that older conversations get: `discarded` is when they were thrown away, until they are forgotten. */
export const version3Columns = {
  conversations: { folder: 'text?', discarded: 'whole?' },
} as const satisfies Record<string, Record<string, Column>>

export async function createVersion3(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await createTables(db, dialect, version3)
  const whole = dialect === 'sqlite' ? 'integer' : 'bigint'
  for (const [table, columns] of Object.entries(version3Columns)) {
    for (const [column, kind] of Object.entries(columns)) {
      await db.schema
        .alterTable(table)
        .addColumn(column, kind === 'whole?' ? whole : 'text')
        .execute()
    }
  }
}
