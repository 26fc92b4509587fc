import type { Kysely } from 'kysely'
import { createTables, type DialectName, type Shape } from './shape.ts'

/** Chat completions that were asked to be kept, and files that come in parts. */
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
  uploads: {
    columns: {
      owner: 'text',
      id: 'text',
      name: 'text',
      purpose: 'text',
      bytes: 'whole',
      status: 'text',
      created: 'whole',
      expires: 'whole',
      lifetime: 'whole?',
      file: 'text?',
    },
    key: ['owner', 'id'],
    scope: 'owner',
    indexes: { expiry: ['expires'] },
    within: [{ columns: ['owner'], table: 'owners', key: ['id'] }],
  },
} as const satisfies Record<string, Shape>

export async function createVersion4(db: Kysely<never>, dialect: DialectName): Promise<void> {
  await createTables(db, dialect, version4)
}
