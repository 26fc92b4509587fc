import type { Kysely } from 'kysely'
import { createTables, type DialectName, type Shape } from './shape.ts'

/** Chat completions that were asked to be kept. */
export const version4 = {
  completions: {
    columns: {
      owner: 'text',
      id: 'text',
      model: 'text',
      metadata: 'text',
      input: 'text',
      body: 'text',
      created: 'whole',
      expires: 'whole',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { expiry: ['expires'], recent: ['owner', 'created', 'id'] },
    within: [{ columns: ['owner'], table: 'owners', key: ['id'] }],
  },
} as const satisfies Record<string, Shape>

export async function createVersion4(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await createTables(db, dialect, version4)
}
