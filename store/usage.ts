import type { Selectable } from 'kysely'
import { absent, invalid } from './errors.ts'
import { compiled } from './ground/compiled.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, slow, write } from './ground/operation.ts'
import { fromJson, pageOf, pageSize, readCursor, toJson, whole } from './ground/values.ts'
import { type Charge, correctAll, takeAll } from './limits.ts'
import { costOf, type Tokens } from './money/price.ts'
import { priceAt } from './prices.ts'
import type { Tables } from './schema/tables.ts'

export interface Reservation {
  project: string
  person: string
  key: string
  model: string
  /** Chat, completion, embedding: what the report is grouped by. */
  kind: string
  /** The id that the client saw. */
  request: string
  /** Tokens that it may need at most. */
  tokens: number
  charges: Charge[]
  /** After this long without progress the request counts as lost, and is settled with what was delivered. */
  leaseMs?: number
}

export interface Entry extends Tokens {
  id: string
  project: string
  person: string
  key: string
  model: string
  kind: string
  request: string
  state: 'reserved' | 'settled'
  outcome: string
  created: number
  settled: number | null
  /** Billionths of the currency. */
  cost: number
  currency: string
}

export interface Reserved {
  id: string
  /** What is left of each charge's limit, in their order. */
  left: number[]
}

export type Dimension = 'project' | 'person' | 'key' | 'model' | 'kind'

export interface ReportQuery {
  from: number
  until: number
  /** Length of a bucket in milliseconds, from 1970 on; absent: one bucket for all. */
  bucketMs?: number
  by?: Dimension[]
  /** One value, or any of several. */
  only?: Partial<Record<Dimension, string | readonly string[]>>
}

export interface ReportRow extends Tokens, Partial<Record<Dimension, string>> {
  start: number
  requests: number
  currency: string
  /** Billionths of the currency. */
  cost: bigint
}

const dimensions: readonly Dimension[] = ['project', 'person', 'key', 'model', 'kind']
const usualLeaseMs = 60_000
const billion = 1_000_000_000

export const usage = {
  /** Takes what a request may need at most from every limit, and writes that it runs; or refuses, and writes nothing. */
  reserve: write(async (ground, organisation: string, given: Reservation): Promise<Reserved> => {
    const { charges, tokens, leaseMs = usualLeaseMs, ...rest } = given
    const taken = await takeAll(ground, charges)
    const id = newId('use_')
    await insertRow(ground, {
      organisation,
      id,
      ...rest,
      created: ground.now,
      lease: ground.now + leaseMs,
      reserved: whole('tokens', tokens),
      charges: toJson(
        'charges',
        taken.map(({ left: _, ...charge }) => charge),
      ),
    })
    return { id, left: taken.map(({ left }) => left) }
  }),

  /** Writes what was delivered so far, before it is delivered: what a killed server is settled with. */
  progress: write(
    async (ground, organisation: string, id: string, tokens: Tokens, leaseMs: number = usualLeaseMs): Promise<void> => {
      const [row] = await noteRow(ground, { organisation, id, ...checked(tokens), lease: ground.now + leaseMs })
      if (!row) throw absent('reservation', id)
    },
  ),

  /** Replaces what was reserved by what was delivered. Said twice it counts once: the first figures stand. */
  settle: write(
    async (ground, organisation: string, id: string, tokens: Tokens, outcome: string = 'finished'): Promise<Entry> => {
      const find = ground.dialect === 'postgres' ? lockRow : findRow
      const [row] = await find(ground, { organisation, id })
      if (!row) throw absent('reservation', id)
      return row.state === 'settled' ? entryOf(row) : await settleRow(ground, row, checked(tokens), outcome)
    },
  ),

  /** Settles the requests of servers that died, with what they had delivered. */
  recover: write(async (ground): Promise<number> => {
    const rows = await ground.everyone
      .selectFrom('ledger')
      .selectAll()
      .where('state', '=', 'reserved')
      .where('lease', '<', ground.now)
      .limit(500)
      .$if(ground.dialect === 'postgres', (query) => query.forUpdate().skipLocked())
      .execute()
    for (const row of rows) await settleRow(ground, row, row, 'lost')
    return rows.length
  }),

  get: read(async (ground, organisation: string, id: string): Promise<Entry> => {
    const row = await ground.db
      .selectFrom('ledger')
      .selectAll()
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw absent('reservation', id)
    return entryOf(row)
  }),

  /** Row by row, oldest first: for export. */
  entries: slow(
    async (
      ground,
      organisation: string,
      query: Omit<ReportQuery, 'bucketMs' | 'by'> & { limit?: number; after?: string },
    ) => {
      const size = pageSize(query.limit, 1000, 100)
      let rows = ground.db
        .selectFrom('ledger')
        .selectAll()
        .where('organisation', '=', organisation)
        .where('created', '>=', query.from)
        .where('created', '<', query.until)
        .orderBy('created')
        .orderBy('id')
        .limit(size + 1)
      for (const [column, value] of only(query)) rows = rows.where(column, 'in', value)
      if (query.after !== undefined) {
        const [created, id] = readCursor(query.after, ['number', 'string'])
        rows = rows.where((eb) => eb(eb.refTuple('created', 'id'), '>', eb.tuple(created as number, id as string)))
      }
      return pageOf((await rows.execute()).map(entryOf), size, (last) => [last.created, last.id])
    },
  ),

  /** Sums of settled requests, by time and whatever else is asked for. */
  report: slow((ground, organisation: string, query: ReportQuery) => report(ground, organisation, query)),
}

const insertRow = compiled(
  (
    db,
    {
      organisation,
      id,
      project,
      person,
      key,
      model,
      kind,
      request,
      created,
      lease,
      reserved,
      charges,
    }: Record<'created' | 'lease' | 'reserved', number> &
      Record<'organisation' | 'id' | 'project' | 'person' | 'key' | 'model' | 'kind' | 'request' | 'charges', string>,
  ) =>
    db.insertInto('ledger').values({
      organisation,
      id,
      project,
      person,
      key,
      model,
      kind,
      request,
      state: 'reserved',
      outcome: '',
      created,
      lease,
      reserved,
      input: 0,
      cached: 0,
      output: 0,
      cost: 0,
      currency: '',
      charges,
    }),
)

type Row = Record<'organisation' | 'id', string>
type Counts = Record<'input' | 'cached' | 'output', number>

const noteRow = compiled((db, { organisation, id, input, cached, output, lease }: Row & Counts & { lease: number }) =>
  db
    .updateTable('ledger')
    .set({ input, cached, output, lease })
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .where('state', '=', 'reserved')
    .returning('id'),
)

const findRow = compiled((db, { organisation, id }: Row) =>
  db.selectFrom('ledger').selectAll().where('organisation', '=', organisation).where('id', '=', id),
)

const lockRow = compiled((db, { organisation, id }: Row) =>
  db.selectFrom('ledger').selectAll().where('organisation', '=', organisation).where('id', '=', id).forUpdate(),
)

type Ending = Row & Counts & Record<'outcome' | 'currency', string> & Record<'settled' | 'cost', number>

const closeRow = compiled((db, { organisation, id, outcome, settled, input, cached, output, cost, currency }: Ending) =>
  db
    .updateTable('ledger')
    .set({ state: 'settled', outcome, settled, input, cached, output, cost, currency })
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .returningAll(),
)

async function report({ db }: Ground, organisation: string, query: ReportQuery): Promise<ReportRow[]> {
  const by = (query.by ?? []).filter((each) => dimensions.includes(each))
  const bucket = whole('bucketMs', query.bucketMs ?? Number.MAX_SAFE_INTEGER, 1)
  let rows = db
    .selectFrom('ledger')
    .select(({ eb, fn }) => [
      eb('created', '-', eb('created', '%', bucket)).as('start'),
      'currency',
      fn.countAll<number>().as('requests'),
      fn.sum<number>('input').as('input'),
      fn.sum<number>('cached').as('cached'),
      fn.sum<number>('output').as('output'),
      // In two parts, so that neither outgrows a number that is exact.
      fn.sum<number>(eb(eb.parens('cost', '-', eb('cost', '%', billion)), '/', billion)).as('whole'),
      fn.sum<number>(eb('cost', '%', billion)).as('rest'),
    ])
    .where('organisation', '=', organisation)
    .where('state', '=', 'settled')
    .where('created', '>=', query.from)
    .where('created', '<', query.until)
    .groupBy(['start' as 'created', 'currency'])
    .orderBy('start')
  for (const each of by) rows = rows.select(each).groupBy(each).orderBy(each)
  for (const [column, value] of only(query)) rows = rows.where(column, 'in', value)
  return (await rows.execute()).map(({ whole: units, rest, ...row }) => ({
    ...(row as Omit<ReportRow, 'cost'>),
    start: query.bucketMs === undefined ? query.from : Number(row.start),
    cost: BigInt(Math.round(Number(units))) * BigInt(billion) + BigInt(rest),
  }))
}

function only({ only: wanted = {} }: Pick<ReportQuery, 'only'>): [Dimension, readonly string[]][] {
  return dimensions.flatMap((each): [Dimension, readonly string[]][] => {
    const values = wanted[each]
    return values === undefined || values.length === 0 ? [] : [[each, typeof values === 'string' ? [values] : values]]
  })
}

async function settleRow(
  ground: Ground,
  row: Selectable<Tables['ledger']>,
  tokens: Tokens,
  outcome: string,
): Promise<Entry> {
  const { input, cached, output } = tokens
  const price = await priceAt(ground, row.organisation, row.model, row.created)
  const cost = price ? whole('cost', costOf({ input, cached, output }, price)) : 0
  const charges = fromJson<Charge[]>(row.charges)
  await correctAll(
    ground,
    charges.map((charge) => ({ ...charge, amount: used(charge, tokens, cost) - charge.amount })),
  )
  const [settled] = await closeRow(ground, {
    organisation: row.organisation,
    id: row.id,
    outcome,
    settled: ground.now,
    input,
    cached,
    output,
    cost,
    currency: price?.currency ?? '',
  })
  if (!settled) throw absent('reservation', row.id)
  return entryOf(settled)
}

/** What a finished request has taken of a limit. */
function used({ metric, amount }: Charge, { input, output }: Tokens, cost: number): number {
  // Money is counted by its currency: `money:EUR`.
  switch (metric.split(':')[0]) {
    case 'tokens':
      return input + output
    case 'input':
      return input
    case 'output':
      return output
    case 'money':
      return cost
    case 'concurrent':
      return 0
    default:
      return amount
  }
}

function checked({ input, cached, output }: Tokens): Tokens {
  if (whole('cached', cached) > whole('input', input)) throw invalid('cached', 'is more than the input')
  return { input, cached, output: whole('output', output) }
}

function entryOf(row: Selectable<Tables['ledger']>): Entry {
  const { organisation: _organisation, lease: _lease, reserved: _reserved, charges: _charges, ...rest } = row
  return { ...rest, state: row.state as Entry['state'] }
}
