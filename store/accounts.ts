import type { Selectable } from 'kysely'
import { absent, conflict, invalid } from './errors.ts'
import { newId } from './ground/ids.ts'
import { read, write } from './ground/operation.ts'
import { keepOwnersWithout } from './members/last-owner.ts'
import { type Membership, membershipsOf } from './organisations.ts'
import type { Tables } from './schema/tables.ts'

/** The password's hash and the second factor's secret are strings that the store neither makes nor reads. */
export type Person = Selectable<Tables['people']>
export type Session = Omit<Selectable<Tables['sessions']>, 'hash'>

export interface NewPerson {
  email: string
  name: string
  password?: string | null
}

/** Whom a credential stands for, and all that a decision about it needs, read in one piece. */
export interface SignedIn {
  session: Session
  person: Omit<Person, 'password' | 'totp'>
  memberships: Membership[]
}

const shown = ['person', 'id', 'agent', 'address', 'created', 'seen', 'expires'] as const
/** A session's last use is written at most this often. */
const seenEveryMs = 60_000

export const accounts = {
  create: write(async (ground, given: NewPerson): Promise<Person> => {
    const email = readEmail(given.email)
    const row = {
      id: newId('user-'),
      email,
      name: given.name,
      password: given.password ?? null,
      totp: null,
      created: ground.now,
      disabled: null,
    }
    const made = await ground.everyone
      .insertInto('people')
      .values(row)
      .onConflict((one) => one.column('email').doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) throw conflict('email', 'is taken', 'sign in, or use another address.')
    return row
  }),

  get: read(async (ground, id: string): Promise<Person> => {
    const row = await ground.db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw absent('person', id)
    return row
  }),

  /** By address, for signing in; null where nobody has it. */
  byEmail: read(async (ground, email: string): Promise<Person | null> => {
    const row = await ground.everyone
      .selectFrom('people')
      .selectAll()
      .where('email', '=', email.trim().toLowerCase())
      .executeTakeFirst()
    return row ?? null
  }),

  /** How many people there are: none means that the installation has no owner yet. */
  count: read(async (ground): Promise<number> => {
    const row = await ground.everyone
      .selectFrom('people')
      .select(({ fn }) => fn.countAll<number>().as('all'))
      .executeTakeFirstOrThrow()
    return Number(row.all)
  }),

  /** Disabling ends every session in the same step, and shuts out no organisation's last owner. */
  update: write(
    async (
      ground,
      id: string,
      change: { name?: string; email?: string; password?: string | null; totp?: string | null; disabled?: boolean },
    ): Promise<void> => {
      const { name, email, password, totp, disabled } = change
      if (disabled) await keepOwnersWithout(ground, id)
      const row = await ground.db
        .updateTable('people')
        .set({
          id,
          name,
          email: email === undefined ? undefined : readEmail(email),
          password,
          totp,
          disabled: disabled === undefined ? undefined : disabled ? ground.now : null,
        })
        .where('id', '=', id)
        .returning('id')
        .executeTakeFirst()
      if (!row) throw absent('person', id)
      if (disabled) await ground.db.deleteFrom('sessions').where('person', '=', id).execute()
    },
  ),

  /**
   * Takes the person out with sessions, roles and keys, and everything that is kept under them in any project; not where
   * an organisation would be left without an owner.
   */
  delete: write(async (ground, id: string): Promise<void> => {
    await keepOwnersWithout(ground, id)
    const gone = await ground.db.deleteFrom('people').where('id', '=', id).executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('person', id)
    await ground.everyone.deleteFrom('owners').where('person', '=', id).execute()
    await ground.everyone.deleteFrom('keys').where('person', '=', id).execute()
  }),

  /** Ties a person to an account at another sign-in provider. */
  link: write(async (ground, person: string, issuer: string, subject: string): Promise<void> => {
    const made = await ground.everyone
      .insertInto('identities')
      .values({ person, issuer, subject, created: ground.now })
      .onConflict((one) => one.columns(['issuer', 'subject']).doNothing())
      .returning('person')
      .executeTakeFirst()
    if (made) return
    const there = await ground.db
      .selectFrom('identities')
      .select('person')
      .where('person', '=', person)
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst()
    if (!there) throw conflict('subject', 'belongs to another person here')
  }),

  byIdentity: read(async (ground, issuer: string, subject: string): Promise<Person | null> => {
    const row = await ground.everyone
      .selectFrom('identities')
      .innerJoin('people', 'people.id', 'identities.person')
      .selectAll('people')
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .executeTakeFirst()
    return row ?? null
  }),

  startSession: write(
    async (
      ground,
      person: string,
      given: { hash: string; agent: string; address: string; expires: number },
    ): Promise<Session> => {
      const { hash, ...rest } = given
      const row = { person, id: newId('sess_'), ...rest, created: ground.now, seen: ground.now }
      await ground.db
        .insertInto('sessions')
        .values({ ...row, hash })
        .execute()
      return row
    },
  ),

  /** Whom a session's secret (its hash) stands for now; null for one that is ended, expired or a disabled person's. */
  bySession: read(async (ground, hash: string): Promise<SignedIn | null> => {
    const session = await ground.everyone
      .selectFrom('sessions')
      .select(shown)
      .where('hash', '=', hash)
      .where('expires', '>', ground.now)
      .executeTakeFirst()
    if (!session) return null
    const person = await ground.db
      .selectFrom('people')
      .select(['id', 'email', 'name', 'created', 'disabled'])
      .where('id', '=', session.person)
      .where('disabled', 'is', null)
      .executeTakeFirst()
    return person ? { session, person, memberships: await membershipsOf(ground, person.id) } : null
  }),

  sessions: read(
    async (ground, person: string): Promise<Session[]> =>
      ground.db
        .selectFrom('sessions')
        .select(shown)
        .where('person', '=', person)
        .where('expires', '>', ground.now)
        .orderBy('seen', 'desc')
        .execute(),
  ),

  /** Notes that a session was used, at most once a minute; changes nothing of one that is ended. */
  touchSession: write(async (ground, person: string, id: string): Promise<void> => {
    await ground.db
      .updateTable('sessions')
      .set({ seen: ground.now })
      .where('person', '=', person)
      .where('id', '=', id)
      .where('seen', '<', ground.now - seenEveryMs)
      .execute()
  }),

  endSession: write(async (ground, person: string, id: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('sessions')
      .where('person', '=', person)
      .where('id', '=', id)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('session', id)
  }),

  /** All but one, where one is named: what follows a new password. */
  endSessions: write(async (ground, person: string, except: string = ''): Promise<number> => {
    const gone = await ground.db
      .deleteFrom('sessions')
      .where('person', '=', person)
      .where('id', '!=', except)
      .executeTakeFirst()
    return Number(gone.numDeletedRows)
  }),
}

function readEmail(email: string): string {
  const clean = email.trim().toLowerCase()
  if (!/^[^\s@]+@[^\s@]+$/.test(clean) || clean.length > 254) throw invalid('email', 'is no address', 'name@host.')
  return clean
}
