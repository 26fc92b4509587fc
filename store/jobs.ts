import type { Selectable } from 'kysely'
import { absent, invalid, StoreError } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { fromJson, type Page, pageOf, pageSize, readCursor, toJson } from './ground/values.ts'
import type { Tables } from './schema/tables.ts'

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export interface Job {
  id: string
  kind: string
  input: unknown
  state: JobState
  /** How far it is, in whatever the job counts. */
  progress: Record<string, unknown>
  result: unknown
  problem: string | null
  /** Somebody asked it to stop. */
  cancelled: boolean
  /** How many workers have begun it since it last made progress. */
  attempts: number
  created: number
  ended: number | null
}

/** A job that a worker holds until its lease ends. */
export interface Held {
  owner: string
  /** Names this holding of it: what every later call must show. */
  holder: string
  job: Job
  /** Steps that were done by this worker or by one before it. */
  steps: Record<string, unknown>
}

export interface Beat {
  progress?: Record<string, unknown>
  leaseMs?: number
}

/** A dead worker's job is free again after this long at most. */
const longestLeaseMs = 30_000
const usualLeaseMs = 15_000
/** A job that ended so many workers is not tried again. */
const attemptsMost = 5

export const jobs = {
  create: write(async (ground, owner: string, given: { kind: string; input: unknown }): Promise<Job> => {
    const row = await ground.db
      .insertInto('jobs')
      .values({
        owner,
        id: newId('job_'),
        kind: given.kind,
        input: toJson('input', given.input),
        state: 'queued',
        progress: '{}',
        cancelled: 0,
        attempts: 0,
        holder: '',
        lease: 0,
        created: ground.now,
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return jobOf(row)
  }),

  get: read(async (ground, owner: string, id: string): Promise<Job> => jobOf(await find(ground, owner, id))),

  /** The newest first. */
  list: read(
    async (
      ground,
      owner: string,
      query: { kind?: string; limit?: number; after?: string } = {},
    ): Promise<Page<Job>> => {
      const size = pageSize(query.limit)
      let rows = ground.db
        .selectFrom('jobs')
        .selectAll()
        .where('owner', '=', owner)
        .orderBy('created', 'desc')
        .orderBy('id', 'desc')
        .limit(size + 1)
      if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind)
      if (query.after !== undefined) {
        const [created, id] = readCursor(query.after, ['number', 'string'])
        rows = rows.where((eb) => eb(eb.refTuple('created', 'id'), '<', eb.tuple(created as number, id as string)))
      }
      return pageOf((await rows.execute()).map(jobOf), size, (last) => [last.created, last.id])
    },
  ),

  /** Asks a job to stop: one that waits is cancelled at once, one that runs learns of it at its next beat. */
  cancel: write(async (ground, owner: string, id: string): Promise<Job> => {
    const before = await find(ground, owner, id)
    if (before.state !== 'queued' && before.state !== 'running') return jobOf(before)
    const ended = before.state === 'queued' ? { state: 'cancelled', ended: ground.now } : {}
    const row = await ground.db
      .updateTable('jobs')
      .set({ cancelled: 1, ...ended })
      .where('owner', '=', owner)
      .where('id', '=', id)
      .where('state', '=', before.state)
      .returningAll()
      .executeTakeFirst()
    // On another node it began or ended between the two statements: what it is now decides.
    return row ? jobOf(row) : await ground.call('jobs.cancel', [owner, id]).then((job) => job as Job)
  }),

  /**
   * A job of these kinds that nobody holds, with what was done of it: the oldest of those not begun, then the one that
   * was left alone the longest. Null where there is none.
   */
  claim: write(async (ground, kinds: string[], leaseMs: number = usualLeaseMs): Promise<Held | null> => {
    for (let due = await findDue(ground, kinds); due; due = await findDue(ground, kinds)) {
      const held = await hold(ground, due, leaseOf(leaseMs))
      if (held) return held
    }
    return null
  }),

  /** Keeps the lease, says how far it is, and hears whether to stop. */
  beat: write(
    async (ground, owner: string, id: string, holder: string, given: Beat = {}): Promise<{ cancelled: boolean }> => {
      const { progress, leaseMs = usualLeaseMs } = given
      // What goes on is not what ends its workers, however often they are ended from outside.
      const further = progress && { progress: toJson('progress', progress), attempts: 1 }
      const change = { lease: ground.now + leaseOf(leaseMs), ...further }
      return { cancelled: (await changeHeld(ground, owner, id, holder, change)).cancelled === 1 }
    },
  ),

  /** Keeps a step's result, once; whoever does the step again gets the first result. */
  step: write(
    async (ground, owner: string, id: string, holder: string, step: string, result: unknown): Promise<unknown> => {
      await changeHeld(ground, owner, id, holder, {})
      await ground.db
        .insertInto('job_steps')
        .values({ owner, job: id, step, result: toJson('result', result ?? null), done: ground.now })
        .onConflict((one) => one.columns(['owner', 'job', 'step']).doNothing())
        .execute()
      return (await stepsOf(ground, owner, id))[step]
    },
  ),

  finish: write(
    async (ground, owner: string, id: string, holder: string, result: unknown): Promise<Job> =>
      jobOf(
        await changeHeld(ground, owner, id, holder, {
          state: 'done',
          result: toJson('result', result ?? null),
          ended: ground.now,
        }),
      ),
  ),

  fail: write(
    async (ground, owner: string, id: string, holder: string, problem: string): Promise<Job> =>
      jobOf(await changeHeld(ground, owner, id, holder, { state: 'failed', problem, ended: ground.now })),
  ),

  /** Gives the job back unfinished: cancelled if somebody asked for that, otherwise for a worker when its turn comes. */
  release: write(async (ground, owner: string, id: string, holder: string): Promise<Job> => {
    const { cancelled } = await changeHeld(ground, owner, id, holder, {})
    const next = cancelled ? { state: 'cancelled', ended: ground.now } : { state: 'queued', lease: ground.now }
    return jobOf(await changeHeld(ground, owner, id, holder, next))
  }),
}

type Row = Selectable<Tables['jobs']>

async function find({ db }: Ground, owner: string, id: string): Promise<Row> {
  const row = await db.selectFrom('jobs').selectAll().where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
  if (!row) throw absent('job', id)
  return row
}

/** Waiting, or held by a worker whose lease has ended. On PostgreSQL what another worker just takes is passed over. */
async function findDue({ everyone, dialect, now }: Ground, kinds: string[]): Promise<Row | null> {
  if (kinds.length === 0) return null
  const row = await everyone
    .selectFrom('jobs')
    .selectAll()
    .where('kind', 'in', kinds)
    .where('state', 'in', ['queued', 'running'])
    .where('lease', '<=', now)
    .orderBy('lease')
    .orderBy('created')
    .orderBy('id')
    .limit(1)
    .$if(dialect === 'postgres', (query) => query.forUpdate().skipLocked())
    .executeTakeFirst()
  return row ?? null
}

/** Null for a job that is over instead: cancelled while its worker was dead, or the end of too many workers. */
async function hold(ground: Ground, due: Row, leaseMs: number): Promise<Held | null> {
  const over = due.cancelled === 1 ? 'cancelled' : due.attempts >= attemptsMost ? 'failed' : null
  const problem = over === 'failed' ? `Its workers ended ${attemptsMost} times without finishing it.` : null
  const holder = newId('hold_')
  const change = over
    ? { state: over, problem, ended: ground.now }
    : { state: 'running', attempts: due.attempts + 1, holder, lease: ground.now + leaseMs }
  const row = await ground.db
    .updateTable('jobs')
    .set(change)
    .where('owner', '=', due.owner)
    .where('id', '=', due.id)
    .returningAll()
    .executeTakeFirstOrThrow()
  if (over) return null
  return { owner: due.owner, holder, job: jobOf(row), steps: await stepsOf(ground, due.owner, due.id) }
}

/** Changes a job that this holder holds; a holder whose lease went to another is told so and changes nothing. */
async function changeHeld(
  ground: Ground,
  owner: string,
  id: string,
  holder: string,
  change: Partial<Row>,
): Promise<Row> {
  const row = await ground.db
    .updateTable('jobs')
    .set({ id, ...change })
    .where('owner', '=', owner)
    .where('id', '=', id)
    .where('holder', '=', holder)
    .where('state', '=', 'running')
    .returningAll()
    .executeTakeFirst()
  if (row) return row
  await find(ground, owner, id)
  throw new StoreError('lease_lost', `The job ${id} is held by another worker, or over.`, {
    field: 'holder',
    remedy: 'stop working on it.',
  })
}

function leaseOf(leaseMs: number): number {
  if (leaseMs > 0 && leaseMs <= longestLeaseMs) return leaseMs
  throw invalid('leaseMs', `is ${leaseMs}, not between 1 and ${longestLeaseMs}`)
}

async function stepsOf({ db }: Ground, owner: string, job: string): Promise<Record<string, unknown>> {
  const rows = await db
    .selectFrom('job_steps')
    .select(['step', 'result'])
    .where('owner', '=', owner)
    .where('job', '=', job)
    .execute()
  return Object.fromEntries(rows.map(({ step, result }) => [step, fromJson<unknown>(result)]))
}

function jobOf({ owner: _owner, holder: _holder, lease: _lease, ...row }: Row): Job {
  return {
    ...row,
    state: row.state as JobState,
    input: fromJson(row.input),
    progress: fromJson(row.progress),
    result: fromJson(row.result),
    cancelled: row.cancelled === 1,
  }
}
