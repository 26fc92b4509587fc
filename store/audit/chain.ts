import { createHash } from 'node:crypto'
import type { Ground } from '../ground/operation.ts'

/** What a hash binds. */
export interface Link {
  organisation: string
  seq: number
  at: number
  actor: string
  action: string
  target: string
  detail: string
  previous: string
}

export interface ChainFault {
  organisation: string
  /** The first entry that is not as it was written. */
  seq: number
  problem: string
}

/** What the first entry of a chain is bound to. */
export const origin = '0'.repeat(64)
const atOnce = 1000

export function linkHash({ organisation, seq, at, actor, action, target, detail, previous }: Link): string {
  // JSON, so that no two different entries have one text.
  const text = JSON.stringify([organisation, seq, at, actor, action, target, detail, previous])
  return createHash('sha256').update(text).digest('hex')
}

export async function verifyChains({ everyone }: Pick<Ground, 'everyone'>): Promise<ChainFault[]> {
  const heads = await everyone.selectFrom('audit_heads').selectAll().execute()
  const chains = await everyone.selectFrom('audit').select('organisation').distinct().execute()
  const ends = new Map(heads.map(({ organisation, seq, hash }) => [organisation, { seq, hash }]))
  for (const { organisation } of chains) if (!ends.has(organisation)) ends.set(organisation, { seq: 0, hash: origin })
  const faults: ChainFault[] = []
  for (const [organisation, end] of ends) {
    const fault = await verifyChain(everyone, organisation, end)
    if (fault) faults.push(fault)
  }
  return faults
}

async function verifyChain(
  everyone: Ground['everyone'],
  organisation: string,
  end: { seq: number; hash: string },
): Promise<ChainFault | null> {
  let last = { seq: 0, hash: origin }
  while (true) {
    const rows = await everyone
      .selectFrom('audit')
      .selectAll()
      .where('organisation', '=', organisation)
      .where('seq', '>', last.seq)
      .orderBy('seq')
      .limit(atOnce)
      .execute()
    for (const row of rows) {
      const seq = last.seq + 1
      if (row.seq !== seq) return { organisation, seq, problem: 'is missing' }
      if (row.previous !== last.hash) return { organisation, seq, problem: 'does not follow the entry before it' }
      if (row.hash !== linkHash(row)) return { organisation, seq, problem: 'was changed' }
      last = { seq, hash: row.hash }
    }
    if (rows.length < atOnce) break
  }
  if (last.seq === end.seq && last.hash === end.hash) return null
  return { organisation, seq: last.seq + 1, problem: `is missing: the chain ended at ${end.seq}` }
}
