import { type ChainFault, type Link, linkHash, origin, verifyChains } from './audit/chain.ts'
import { type Ground, read, slow, write } from './ground/operation.ts'
import { fromJson, type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'

export interface AuditEntry {
  seq: number
  at: number
  actor: string
  action: string
  target: string
  detail: unknown
  hash: string
}

export interface NewAuditEntry {
  /** Who did it: a person, a key, or the command line. */
  actor: string
  /** `key.created`, `member.removed`: what was done. */
  action: string
  /** To what. */
  target: string
  /** What is worth knowing of it; no secret and no content. */
  detail?: unknown
}

export interface AuditQuery {
  limit?: number
  after?: string
  from?: number
  until?: number
  /** One, or any of several. */
  actor?: string | readonly string[]
  action?: string | readonly string[]
  target?: readonly string[]
  /** Older, or newer, than the entry of this number; of the newer ones the nearest. */
  olderThan?: number
  newerThan?: number
}

/** Acts of administration, each bound to the one before by a hash. `organisation` is empty for the installation's own. */
export const audit = {
  append: write(async (ground, organisation: string, given: NewAuditEntry): Promise<AuditEntry> => {
    // As the database gives them back: half a character becomes the sign for one that is not known.
    const [actor, action, target] = [given.actor, given.action, given.target].map((text) => text.toWellFormed())
    const head = await headOf(ground, organisation)
    const detail = toJson('detail', given.detail ?? {})
    const link: Link = {
      organisation,
      seq: head.seq + 1,
      at: ground.now,
      actor,
      action,
      target,
      detail,
      previous: head.hash,
    }
    const hash = linkHash(link)
    await ground.db
      .insertInto('audit')
      .values({ ...link, hash })
      .execute()
    await ground.db
      .updateTable('audit_heads')
      .set({ seq: link.seq, hash })
      .where('organisation', '=', organisation)
      .execute()
    return { seq: link.seq, at: link.at, actor, action, target, detail: fromJson(detail), hash }
  }),

  /** The newest first. */
  list: read(async (ground, organisation: string, query: AuditQuery = {}): Promise<Page<AuditEntry>> => {
    const size = pageSize(query.limit, 1000)
    let rows = ground.db
      .selectFrom('audit')
      .select(['seq', 'at', 'actor', 'action', 'target', 'detail', 'hash'])
      .where('organisation', '=', organisation)
      .orderBy('seq', query.newerThan === undefined ? 'desc' : 'asc')
      .limit(size + 1)
    if (query.after !== undefined) rows = rows.where('seq', '<', readCursor(query.after, ['number'])[0] as number)
    if (query.from !== undefined) rows = rows.where('at', '>=', query.from)
    if (query.until !== undefined) rows = rows.where('at', '<', query.until)
    if (query.olderThan !== undefined) rows = rows.where('seq', '<', query.olderThan)
    if (query.newerThan !== undefined) rows = rows.where('seq', '>', query.newerThan)
    for (const column of ['actor', 'action', 'target'] as const) {
      const wanted = query[column]
      if (wanted !== undefined) rows = rows.where(column, 'in', [wanted].flat())
    }
    const found = (await rows.execute()).map((row) => ({ ...row, detail: fromJson<unknown>(row.detail) }))
    const page = pageOf(found, size, (last) => [last.seq])
    return query.newerThan === undefined ? page : { ...page, data: page.data.toReversed() }
  }),

  /** Reads every chain from its beginning; empty where each is whole. */
  verify: slow((ground): Promise<ChainFault[]> => verifyChains(ground)),
}

/** Where the chain ends; on PostgreSQL held until the commit, so that two nodes cannot write the same number. */
async function headOf({ db, dialect }: Ground, organisation: string): Promise<{ seq: number; hash: string }> {
  await db
    .insertInto('audit_heads')
    .values({ organisation, seq: 0, hash: origin })
    .onConflict((one) => one.columns(['organisation']).doNothing())
    .execute()
  return await db
    .selectFrom('audit_heads')
    .select(['seq', 'hash'])
    .where('organisation', '=', organisation)
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirstOrThrow()
}
