import { verifyChains } from '../audit/chain.ts'
import type { Connection } from '../sqlite/connection.ts'

export interface Fault {
  where: string
  problem: string
}

/** The structure of the file, the references between rows, and the audit log's chains. */
export async function verifyConnection({ database, everyone }: Connection): Promise<Fault[]> {
  const structure = database.prepare('pragma integrity_check').all() as { integrity_check: string }[]
  const faults = structure
    .filter((row) => row.integrity_check !== 'ok')
    .map((row) => ({ where: 'database', problem: row.integrity_check }))
  if (faults.length > 0) return faults
  const references = database.prepare('pragma foreign_key_check').all() as { table: string; parent: string }[]
  for (const { table, parent } of references) faults.push({ where: table, problem: `refers to nothing in ${parent}` })
  for (const { organisation, seq, problem } of await verifyChains({ everyone })) {
    faults.push({ where: `audit ${organisation || 'of the installation'}`, problem: `entry ${seq} ${problem}` })
  }
  return faults
}
