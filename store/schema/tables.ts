import type { Scopes } from '../ground/scope-rule.ts'
import type { RowsOf, Shape } from './shape.ts'
import { version1 } from './version-1.ts'
import { version2 } from './version-2.ts'
import { version3 } from './version-3.ts'
import { version4 } from './version-4.ts'

/** Row types of every table, as the newest version has them. */
export type Tables = RowsOf<typeof version1> &
  RowsOf<typeof version2> &
  RowsOf<typeof version3> &
  RowsOf<typeof version4> & {
    conversations: { folder: string | null; discarded: number | null }
    schema_versions: { version: number; name: string; applied: number }
  }

const shapes: Record<string, Shape> = { ...version1, ...version2, ...version3, ...version4 }

export const scopes: Scopes = Object.fromEntries(
  Object.entries(shapes).flatMap(([name, { scope }]) => (scope ? [[name, scope]] : [])),
)
