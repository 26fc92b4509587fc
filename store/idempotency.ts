import { StoreError } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Call, type Ground, read, write } from './ground/operation.ts'
import { fromJson, toJson } from './ground/values.ts'

/** An answer is kept this long. */
const keptMs = 24 * 3_600_000
/** A request that never said how it ended (its server died) bars its key this long. */
const runningMs = 10 * 60_000

export type Begun =
  /** The first with this key: do it, then say `finish` or `release` with the holder. */
  | { state: 'fresh'; holder: string }
  /** Done before: this was the answer. */
  | { state: 'done'; answer: unknown }

export const idempotency = {
  /** Another body under the same key is an `idempotency_conflict`; a twin that still runs, `in_progress`. */
  begin: write((ground, owner: string, key: string, fingerprint: string) => begin(ground, owner, key, fingerprint)),

  /** Keeps the answer for whoever asks again. */
  finish: write((ground, owner: string, key: string, holder: string, answer: unknown) =>
    finish(ground, owner, key, holder, answer),
  ),

  /** Nothing was done (the request was refused): the key is free again. */
  release: write(async (ground, owner: string, key: string, holder: string): Promise<void> => {
    await ground.db
      .deleteFrom('idempotency')
      .where('owner', '=', owner)
      .where('key', '=', key)
      .where('holder', '=', holder)
      .where('state', '=', 'running')
      .execute()
  }),

  /** Does `call` and keeps its answer in the same transaction: killed at any point, it is done once or not at all. */
  once: write(async (ground, owner: string, key: string, fingerprint: string, call: Call): Promise<unknown> => {
    const begun = await begin(ground, owner, key, fingerprint)
    if (begun.state === 'done') return begun.answer
    const answer = await ground.call(call.name, call.args)
    await finish(ground, owner, key, begun.holder, answer)
    return answer
  }),

  /** Whether a request with this key was answered. */
  known: read(async (ground, owner: string, key: string): Promise<boolean> => {
    const there = await answered(ground, owner, key)
    return there !== undefined
  }),

  /** The answer that it had; null without one. Another body under the same key is an `idempotency_conflict`. */
  replay: read(async (ground, owner: string, key: string, fingerprint: string): Promise<unknown> => {
    const there = await answered(ground, owner, key)
    if (there === undefined) return null
    if (there.fingerprint !== fingerprint) throw otherBody(there.until)
    return fromJson(there.answer)
  }),

  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('idempotency').where('until', '<', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

const answered = ({ db, now }: Ground, owner: string, key: string) =>
  db
    .selectFrom('idempotency')
    .select(['fingerprint', 'answer', 'until'])
    .where('owner', '=', owner)
    .where('key', '=', key)
    .where('state', '=', 'done')
    .where('until', '>', now)
    .executeTakeFirst()

async function begin(ground: Ground, owner: string, key: string, fingerprint: string): Promise<Begun> {
  const { db, now } = ground
  const fresh = {
    fingerprint,
    state: 'running',
    holder: newId('hold_'),
    answer: null,
    created: now,
    until: now + runningMs,
  }
  // An expired row counts as none; whichever of two twins comes first has the key.
  const mine = await db
    .insertInto('idempotency')
    .values({ owner, key, ...fresh })
    .onConflict((one) => one.columns(['owner', 'key']).doUpdateSet(fresh).where('idempotency.until', '<=', now))
    .returning('holder')
    .executeTakeFirst()
  if (mine) return { state: 'fresh', holder: fresh.holder }
  const there = await db
    .selectFrom('idempotency')
    .select(['fingerprint', 'state', 'answer', 'until'])
    .where('owner', '=', owner)
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
  if (there.fingerprint !== fingerprint) throw otherBody(there.until)
  if (there.state !== 'done') throw stillRunning(there.until)
  return { state: 'done', answer: fromJson(there.answer) }
}

async function finish({ db, now }: Ground, owner: string, key: string, holder: string, answer: unknown): Promise<void> {
  await db
    .updateTable('idempotency')
    .set({ state: 'done', answer: toJson('answer', answer ?? null), until: now + keptMs })
    .where('owner', '=', owner)
    .where('key', '=', key)
    .where('holder', '=', holder)
    .execute()
}

function otherBody(until: number): StoreError {
  return new StoreError('idempotency_conflict', 'This idempotency key came before with another request.', {
    field: 'Idempotency-Key',
    until,
    remedy: 'send the same request again, or another key.',
  })
}

function stillRunning(until: number): StoreError {
  return new StoreError('in_progress', 'The first request with this idempotency key has not ended yet.', {
    field: 'Idempotency-Key',
    until,
    remedy: 'wait a moment and send it again.',
  })
}
