import { absent, StoreError } from './errors.ts'
import { compiled } from './ground/compiled.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { whole } from './ground/values.ts'

export interface Limit {
  /** `organisation`, `project:ID`, `person:ID`, `key:ID` or `model:NAME`: whose, within the organisation. */
  subject: string
  /** `requests`, `tokens`, `money`, `concurrent` or `storage`. */
  metric: string
  /** `minute`, `day`, `month`, or `none` for what is no rate. */
  period: string
  maximum: number
}

/** What a request takes of one limit; which limits there are for it is decided by the caller. */
export interface Charge {
  /** Whose counter, with its organisation in the name: two organisations must never share one. */
  subject: string
  metric: 'requests' | 'tokens' | 'input' | 'output' | 'money' | 'concurrent' | (string & {})
  /** The period that the counter counts: from, and until when. 0 and 2^53 - 1 for what is counted without end. */
  start: number
  until: number
  amount: number
  maximum: number
  /**
   * Where less than the amount is left, takes what is left, as long as that is anything: for what a request may need at
   * most and seldom does. The limit is passed by what one request uses, and no other comes in beside it.
   */
  partly?: boolean
}

export interface Taken {
  subject: string
  metric: string
  start: number
  until: number
  value: number
}

export const limits = {
  set: write(async (ground, organisation: string, { subject, metric, period, maximum }: Limit): Promise<void> => {
    whole('maximum', maximum)
    await ground.db
      .insertInto('limits')
      .values({ organisation, subject, metric, period, maximum })
      .onConflict((one) => one.columns(['organisation', 'subject', 'metric', 'period']).doUpdateSet({ maximum }))
      .execute()
  }),

  list: read(
    async (ground, organisation: string): Promise<Limit[]> =>
      ground.db
        .selectFrom('limits')
        .select(['subject', 'metric', 'period', 'maximum'])
        .where('organisation', '=', organisation)
        .orderBy('subject')
        .orderBy('metric')
        .orderBy('period')
        .execute(),
  ),

  remove: write(async (ground, organisation: string, of: Omit<Limit, 'maximum'>): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('limits')
      .where('organisation', '=', organisation)
      .where('subject', '=', of.subject)
      .where('metric', '=', of.metric)
      .where('period', '=', of.period)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('limit', `${of.subject} ${of.metric} ${of.period}`)
  }),

  /** Takes from every counter, or, where one has too little left, from none: `limit_reached` names it and until when. */
  take: write(async (ground, charges: Charge[]): Promise<void> => {
    await takeAll(ground, charges)
  }),

  giveBack: write((ground, charges: Pick<Charge, 'subject' | 'metric' | 'start' | 'amount'>[]) =>
    correctAll(
      ground,
      charges.map((each) => ({ ...each, amount: -each.amount })),
    ),
  ),

  /** What one subject took, in the periods that last. */
  taken: read(
    async (ground, subject: string): Promise<Taken[]> =>
      ground.db
        .selectFrom('counters')
        .select(['subject', 'metric', 'start', 'until', 'value'])
        .where('subject', '=', subject)
        .where('until', '>', ground.now)
        .orderBy('metric')
        .orderBy('start')
        .execute(),
  ),

  /** Forgets counters of periods that are over. */
  sweep: write(async (ground): Promise<number> => {
    const gone = await ground.everyone.deleteFrom('counters').where('until', '<', ground.now).executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

/** In one order everywhere, so that two nodes never wait for each other's counters. */
const inOrder = <T extends { subject: string; metric: string; start: number }>(charges: readonly T[]): T[] =>
  charges.toSorted((a, b) => {
    const [left, right] = [`${a.subject}\n${a.metric}\n${a.start}`, `${b.subject}\n${b.metric}\n${b.start}`]
    return left < right ? -1 : left > right ? 1 : 0
  })

/** A charge as it was taken, and what is left of its limit now. */
export interface TakenCharge extends Charge {
  left: number
}

/** In the order of the charges. */
export async function takeAll(ground: Ground, charges: readonly Charge[]): Promise<TakenCharge[]> {
  const taken = new Map<Charge, TakenCharge>()
  for (const charge of inOrder(charges)) taken.set(charge, await takeOne(ground, charge))
  return charges.map((charge) => taken.get(charge) as TakenCharge)
}

const addToCounter = compiled(
  (
    db,
    {
      subject,
      metric,
      start,
      until,
      amount,
      before,
    }: { subject: string; metric: string; start: number; until: number; amount: number; before: number },
  ) =>
    db
      .insertInto('counters')
      .values({ subject, metric, start, until, value: amount })
      .onConflict((one) =>
        one
          .columns(['subject', 'metric', 'start'])
          .doUpdateSet(({ eb }) => ({ value: eb('counters.value', '+', amount) }))
          .where('counters.value', '<=', before),
      )
      .returning('value'),
)

const correctCounter = compiled(
  (db, { subject, metric, start, amount }: { subject: string; metric: string; start: number; amount: number }) =>
    db
      .updateTable('counters')
      .set(({ eb }) => ({ value: eb('value', '+', amount) }))
      .where('subject', '=', subject)
      .where('metric', '=', metric)
      .where('start', '=', start),
)

/** One statement decides and adds, so that no other request comes in between. */
async function takeOne(ground: Ground, charge: Charge): Promise<TakenCharge> {
  const { subject, metric, start, until, maximum, partly = false } = charge
  whole('maximum', maximum)
  const wanted = whole('amount', charge.amount)
  if (wanted > maximum && !(partly && maximum > 0)) refuse(charge)
  const amount = Math.min(wanted, maximum)
  const [row] = await addToCounter(ground, { subject, metric, start, until, amount, before: maximum - amount })
  if (row) return { ...charge, amount, left: maximum - row.value }
  return partly ? { ...charge, amount: await takeRest(ground, charge), left: 0 } : refuse(charge)
}

/** What is left of a limit, all of it. */
async function takeRest({ db, dialect }: Ground, charge: Charge): Promise<number> {
  const { subject, metric, start, maximum } = charge
  const counter = await db
    .selectFrom('counters')
    .select('value')
    .where('subject', '=', subject)
    .where('metric', '=', metric)
    .where('start', '=', start)
    .$if(dialect === 'postgres', (query) => query.forUpdate())
    .executeTakeFirst()
  const value = counter?.value ?? maximum
  if (value >= maximum) refuse(charge)
  await db
    .updateTable('counters')
    .set({ value: maximum })
    .where('subject', '=', subject)
    .where('metric', '=', metric)
    .where('start', '=', start)
    .execute()
  return maximum - value
}

function refuse(charge: Charge): never {
  throw reached(charge)
}

function reached({ subject, metric, maximum, until }: Charge): StoreError {
  return new StoreError('limit_reached', `The limit of ${maximum} (${metric}) of ${subject} is reached.`, {
    field: metric,
    subject,
    limit: maximum,
    until,
    remedy:
      until === Number.MAX_SAFE_INTEGER ? 'wait for running requests.' : `wait until ${new Date(until).toISOString()}.`,
  })
}

/** Adds to counters what is now known, without asking: it has been used. */
export async function correctAll(
  ground: Ground,
  corrections: readonly Pick<Charge, 'subject' | 'metric' | 'start' | 'amount'>[],
): Promise<void> {
  for (const { subject, metric, start, amount } of inOrder(corrections))
    if (amount !== 0) await correctCounter(ground, { subject, metric, start, amount })
}
