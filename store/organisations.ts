import type { Selectable } from 'kysely'
import { absent, conflict, invalid } from './errors.ts'
import { newId } from './ground/ids.ts'
import { type Ground, read, write } from './ground/operation.ts'
import { keepAnOwner } from './members/last-owner.ts'
import type { Tables } from './schema/tables.ts'

export const roles = ['owner', 'admin', 'member', 'auditor'] as const
export type Role = (typeof roles)[number]

export type Organisation = Selectable<Tables['organisations']>
export type Project = Omit<Selectable<Tables['projects']>, 'organisation'>
export interface Member {
  person: string
  email: string
  name: string
  /** Empty for a role in the whole organisation. */
  project: string
  role: Role
  created: number
}
export type Invitation = Omit<Selectable<Tables['invitations']>, 'organisation' | 'hash'>
export interface Membership {
  organisation: string
  project: string
  role: Role
}

export const organisations = {
  create: write(async (ground, given: { name: string; id?: string }): Promise<Organisation> => {
    const row = { id: given.id ?? newId('org-'), name: given.name, created: ground.now, disabled: null }
    await ground.db.insertInto('organisations').values(row).execute()
    return row
  }),

  get: read(async (ground, id: string): Promise<Organisation> => {
    const row = await ground.db.selectFrom('organisations').selectAll().where('id', '=', id).executeTakeFirst()
    if (!row) throw absent('organisation', id)
    return row
  }),

  /** All of them: for the one who runs the machine. */
  list: read(
    (ground): Promise<Organisation[]> =>
      ground.everyone.selectFrom('organisations').selectAll().orderBy('created').execute(),
  ),

  update: write(async (ground, id: string, change: { name?: string; disabled?: boolean }): Promise<void> => {
    const { name, disabled } = change
    const row = await ground.db
      .updateTable('organisations')
      .set({ id, name, disabled: disabled === undefined ? undefined : disabled ? ground.now : null })
      .where('id', '=', id)
      .returning('id')
      .executeTakeFirst()
    if (!row) throw absent('organisation', id)
  }),

  /** With its projects, keys, figures and all that its members stored in it; the audit log stays. */
  delete: write(async (ground, id: string): Promise<void> => {
    const gone = await ground.db.deleteFrom('organisations').where('id', '=', id).executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('organisation', id)
  }),

  createProject: write(async (ground, organisation: string, given: { name: string; id?: string }): Promise<Project> => {
    const row = { id: given.id ?? newId('proj_'), name: given.name, created: ground.now, archived: null }
    await ground.db
      .insertInto('projects')
      .values({ organisation, ...row })
      .execute()
    return row
  }),

  getProject: read((ground, organisation: string, id: string) => findProject(ground, organisation, id)),

  projects: read(
    async (ground, organisation: string): Promise<Project[]> =>
      ground.db
        .selectFrom('projects')
        .select(['id', 'name', 'created', 'archived'])
        .where('organisation', '=', organisation)
        .orderBy('created')
        .execute(),
  ),

  updateProject: write(
    async (
      ground,
      organisation: string,
      id: string,
      change: { name?: string; archived?: boolean },
    ): Promise<Project> => {
      const { name, archived } = change
      const row = await ground.db
        .updateTable('projects')
        .set({ id, name, archived: archived === undefined ? undefined : archived ? ground.now : null })
        .where('organisation', '=', organisation)
        .where('id', '=', id)
        .returning(['id', 'name', 'created', 'archived'])
        .executeTakeFirst()
      if (!row) throw absent('project', id)
      return row
    },
  ),

  members: read(async (ground, organisation: string): Promise<Member[]> => {
    const rows = await ground.db
      .selectFrom('members')
      .innerJoin('people', (join) => join.onRef('people.id', '=', 'members.person'))
      .select(['person', 'email', 'name', 'project', 'role', 'members.created'])
      .where('members.organisation', '=', organisation)
      .orderBy('members.created')
      .orderBy('person')
      .orderBy('project')
      .execute()
    return rows.map((row) => ({ ...row, role: row.role as Role }))
  }),

  /**
   * Gives a person a role in a project, or in the whole organisation where `project` is empty; or another role. The last
   * owner stays one.
   */
  setMember: write(async (ground, organisation: string, person: string, project: string, role: Role): Promise<void> => {
    if (!roles.includes(role)) throw invalid('role', `is ${JSON.stringify(role)}`, `one of ${roles.join(', ')}.`)
    if (project !== '') await findProject(ground, organisation, project)
    else if (role !== 'owner') await keepAnOwner(ground, organisation, person)
    await ground.db
      .insertInto('members')
      .values({ organisation, project, person, role, created: ground.now })
      .onConflict((one) => one.columns(['organisation', 'project', 'person']).doUpdateSet({ role }))
      .execute()
  }),

  /** The last owner stays. */
  removeMember: write(async (ground, organisation: string, person: string, project: string): Promise<void> => {
    if (project === '') await keepAnOwner(ground, organisation, person)
    const gone = await ground.db
      .deleteFrom('members')
      .where('organisation', '=', organisation)
      .where('project', '=', project)
      .where('person', '=', person)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('member', person)
  }),

  /** Refuses where nobody but this person owns the organisation: for what is done together with it. */
  keepOwner: write((ground, organisation: string, person: string) => keepAnOwner(ground, organisation, person)),

  /** Where a person is a member, and as what. */
  memberships: read((ground, person: string) => membershipsOf(ground, person)),

  /**
   * The name under which conversations, files and jobs are kept: of a person in a project, or of a project alone where
   * `person` is empty. The same again for the same three.
   */
  owner: write(async (ground, organisation: string, project: string, person: string): Promise<string> => {
    if (project !== '') await findProject(ground, organisation, project)
    await ground.db
      .insertInto('owners')
      .values({ organisation, project, person, id: newId('own_'), created: ground.now })
      .onConflict((one) => one.columns(['organisation', 'project', 'person']).doNothing())
      .execute()
    return (await findOwner(ground, organisation, project, person))!
  }),

  /** The same name, where there is one already. */
  ownerThere: read(async (ground, organisation: string, project: string, person: string): Promise<string | null> => {
    return (await findOwner(ground, organisation, project, person)) ?? null
  }),

  /** Gives a person what was kept in a project while nobody had to sign in. Returns whether there was anything. */
  handOver: write(async (ground, organisation: string, project: string, person: string): Promise<boolean> => {
    if (await findOwner(ground, organisation, project, person)) return false
    const moved = await ground.db
      .updateTable('owners')
      .set({ person })
      .where('organisation', '=', organisation)
      .where('project', '=', project)
      .where('person', '=', '')
      .executeTakeFirst()
    return moved.numUpdatedRows > 0n
  }),

  /** Erases everything that is kept under an owner; nothing is left to find. Returns whether there was such an owner. */
  erase: write(async (ground, organisation: string, owner: string): Promise<boolean> => {
    const gone = await ground.db
      .deleteFrom('owners')
      .where('organisation', '=', organisation)
      .where('id', '=', owner)
      .executeTakeFirst()
    return gone.numDeletedRows > 0n
  }),

  /** The secret of the link stays with the caller; only its hash is kept. */
  invite: write(
    async (
      ground,
      organisation: string,
      given: { hash: string; email: string; project: string; role: Role; inviter: string; expires: number },
    ): Promise<Invitation> => {
      if (given.project !== '') await findProject(ground, organisation, given.project)
      const { hash, ...shown } = { ...given, email: given.email.toLowerCase() }
      const row = { id: newId('invite_'), ...shown, created: ground.now, accepted: null }
      await ground.db
        .insertInto('invitations')
        .values({ organisation, hash, ...row })
        .execute()
      return row
    },
  ),

  invitations: read(
    async (ground, organisation: string): Promise<Invitation[]> =>
      ground.db
        .selectFrom('invitations')
        .select(['id', 'email', 'project', 'role', 'inviter', 'created', 'expires', 'accepted'])
        .where('organisation', '=', organisation)
        .orderBy('created')
        .execute(),
  ),

  /** Whom an open invitation is for, by the hash of its secret; null where it is used, expired or withdrawn. */
  invitationBySecret: read(
    async (ground, hash: string): Promise<(Invitation & { organisation: string; called: string }) | null> => {
      const row = await ground.everyone
        .selectFrom('invitations')
        .innerJoin('organisations', 'organisations.id', 'invitations.organisation')
        .selectAll('invitations')
        .select('organisations.name as called')
        .where('invitations.hash', '=', hash)
        .where('accepted', 'is', null)
        .where('expires', '>', ground.now)
        .where('organisations.disabled', 'is', null)
        .executeTakeFirst()
      if (!row) return null
      const { hash: _, ...invitation } = row
      return invitation
    },
  ),

  withdrawInvitation: write(async (ground, organisation: string, id: string): Promise<void> => {
    const gone = await ground.db
      .deleteFrom('invitations')
      .where('organisation', '=', organisation)
      .where('id', '=', id)
      .executeTakeFirst()
    if (gone.numDeletedRows === 0n) throw absent('invitation', id)
  }),

  /** Makes a person a member by the hash of an invitation's secret: once, and before it expires. */
  acceptInvitation: write(async (ground, hash: string, person: string): Promise<Membership> => {
    const taken = await ground.everyone
      .updateTable('invitations')
      .set({ accepted: ground.now })
      .where('hash', '=', hash)
      .where('accepted', 'is', null)
      .where('expires', '>', ground.now)
      .returning(['organisation', 'project', 'role'])
      .executeTakeFirst()
    if (!taken) throw conflict('The invitation', 'is used, expired or withdrawn', 'ask for another one.')
    if (taken.project === '' && taken.role !== 'owner') await keepAnOwner(ground, taken.organisation, person)
    await ground.db
      .insertInto('members')
      .values({ ...taken, person, created: ground.now })
      .onConflict((one) => one.columns(['organisation', 'project', 'person']).doUpdateSet({ role: taken.role }))
      .execute()
    return { ...taken, role: taken.role as Role }
  }),
}

export async function membershipsOf(ground: Ground, person: string): Promise<Membership[]> {
  const rows = await ground.everyone
    .selectFrom('members')
    .innerJoin('organisations', 'organisations.id', 'members.organisation')
    .select(['organisation', 'project', 'role'])
    .where('person', '=', person)
    .where('organisations.disabled', 'is', null)
    .orderBy('members.created')
    .orderBy('organisation')
    .orderBy('project')
    .execute()
  return rows.map((row) => ({ ...row, role: row.role as Role }))
}

async function findProject({ db }: Ground, organisation: string, id: string): Promise<Project> {
  const row = await db
    .selectFrom('projects')
    .select(['id', 'name', 'created', 'archived'])
    .where('organisation', '=', organisation)
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row) throw absent('project', id)
  return row
}

async function findOwner({ db }: Ground, organisation: string, project: string, person: string) {
  const row = await db
    .selectFrom('owners')
    .select('id')
    .where('organisation', '=', organisation)
    .where('project', '=', project)
    .where('person', '=', person)
    .executeTakeFirst()
  return row?.id
}
