import { absent, conflict } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { pageSize } from './ground/values.ts'

/** `lost`: its server ended before it did. */
export type StreamState = 'open' | 'finished' | 'failed' | 'lost'

export interface StreamEvent {
  /** Counts from 0: what the client sends back as `Last-Event-ID`. */
  seq: number
  data: string
}

export interface StreamPart {
  state: StreamState
  events: StreamEvent[]
  /** Nothing more will come: the stream has ended and these are its last events. */
  ended: boolean
}

const keptMs = 24 * 3_600_000
/** An open stream to which nothing was added for this long has lost its server. */
const idleMs = 60_000

/** Events of answers, kept before they are sent, so that whoever was cut off reads on where they were. */
export const streams = {
  start: write(async (ground, owner: string, given: { id?: string; keptMs?: number } = {}): Promise<string> => {
    const id = given.id ?? newId('stream_')
    const expires = ground.now + (given.keptMs ?? keptMs)
    const made = await ground.db
      .insertInto('streams')
      .values({ owner, id, state: 'open', created: ground.now, touched: ground.now, expires })
      .onConflict((one) => one.columns(['owner', 'id']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) throw conflict('id', `${id} is taken`)
    return id
  }),

  /** Adds events, the first of which has number `from`; said twice, the second time is a conflict and adds nothing. */
  append: write(async (ground, owner: string, id: string, from: number, events: string[]): Promise<void> => {
    await touch(ground, owner, id)
    const next = await nextOf(ground, owner, id)
    if (from !== next) throw conflict('from', `is ${from}, but the stream's next event has number ${next}`)
    if (events.length === 0) return
    const rows = events.map((data, at) => ({ owner, stream: id, seq: from + at, data }))
    await ground.db.insertInto('stream_events').values(rows).execute()
  }),

  /** The last thing that is said of a stream; later calls change nothing. */
  finish: write(async (ground, owner: string, id: string, state: Exclude<StreamState, 'open'>): Promise<void> => {
    const row = await ground.db
      .updateTable('streams')
      .set({ state, touched: ground.now })
      .where('owner', '=', owner)
      .where('id', '=', id)
      .where('state', '=', 'open')
      .returning('id')
      .executeTakeFirst()
    if (!row) await stateOf(ground, owner, id)
  }),

  /** What came after event `after`; -1 for all. */
  read: read(async (ground, owner: string, id: string, after: number, limit?: number): Promise<StreamPart> => {
    const state = await stateOf(ground, owner, id)
    const size = pageSize(limit, 1000, 1000)
    const events = await ground.db
      .selectFrom('stream_events')
      .select(['seq', 'data'])
      .where('owner', '=', owner)
      .where('stream', '=', id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(size + 1)
      .execute()
    return { state, events: events.slice(0, size), ended: state !== 'open' && events.length <= size }
  }),

  /** Forgets a stream and what was said in it; one that is not there is forgotten already. */
  forget: write(async (ground, owner: string, id: string): Promise<void> => {
    await ground.db.deleteFrom('streams').where('owner', '=', owner).where('id', '=', id).execute()
  }),

  /** Ends the streams whose servers died, so that nobody waits for them. With 0: all that are open. */
  abandon: write(async (ground, idle: number = idleMs): Promise<number> => {
    const gone = await ground.everyone
      .updateTable('streams')
      .set({ state: 'lost' })
      .where('state', '=', 'open')
      .where('touched', '<=', ground.now - idle)
      .executeTakeFirst()
    return Number(gone.numUpdatedRows)
  }),

  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('streams').where('expires', '<', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

async function stateOf({ db }: Ground, owner: string, id: string): Promise<StreamState> {
  const row = await db
    .selectFrom('streams')
    .select('state')
    .where('owner', '=', owner)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('stream', id)
  return row.state as StreamState
}

async function touch(ground: Ground, owner: string, id: string): Promise<void> {
  const row = await ground.db
    .updateTable('streams')
    .set({ touched: ground.now })
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .returning('id')
    .executeTakeFirst()
  if (row) return
  throw conflict('The stream', `is ${await stateOf(ground, owner, id)}`)
}

async function nextOf({ db }: Ground, owner: string, id: string): Promise<number> {
  const row = await db
    .selectFrom('stream_events')
    .select(({ fn }) => fn.max('seq').as('last'))
    .where('owner', '=', owner)
    .where('stream', '=', id)
    .executeTakeFirst()
  return row?.last == null ? 0 : Number(row.last) + 1
}
