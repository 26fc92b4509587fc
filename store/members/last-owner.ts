import { conflict } from '../errors.ts'
import type { Ground } from '../ground/operation.ts'

/**
 * Refuses what would leave an organisation without an owner who can sign in. To be called before the change, in its
 * transaction: those who change owners of one organisation do it one after the other, so that two owners who remove each
 * other in the same moment do not both succeed.
 */
export async function keepAnOwner(
  ground: Ground,
  organisation: string,
  person: string,
  mayLeaveAlone = false,
): Promise<void> {
  await ground.db
    .selectFrom('organisations')
    .select('id')
    .where('id', '=', organisation)
    // Rows that refer to the organisation may still come in; in SQLite there is but one writer anyway.
    .$if(ground.dialect === 'postgres', (query) => query.forNoKeyUpdate())
    .execute()
  const members = await ground.db
    .selectFrom('members')
    .innerJoin('people', (join) => join.onRef('people.id', '=', 'members.person'))
    .select(['members.person', 'members.project', 'members.role', 'people.disabled'])
    .where('members.organisation', '=', organisation)
    .execute()
  const owners = members.filter(({ project, role, disabled }) => project === '' && role === 'owner' && !disabled)
  // Whoever is no owner, or cannot sign in, leaves as many behind as there were.
  if (owners.length !== 1 || owners[0].person !== person) return
  if (mayLeaveAlone && members.every((one) => one.person === person)) return
  throw conflict('The person', 'is the only owner of the organization', 'make somebody else an owner first.')
}

/**
 * The same for every organisation that a person owns, before the account is disabled or goes; one in which there is
 * nobody else is no obstacle.
 */
export async function keepOwnersWithout(ground: Ground, person: string): Promise<void> {
  const owned = await ground.everyone
    .selectFrom('members')
    .select('organisation')
    .where('person', '=', person)
    .where('project', '=', '')
    .where('role', '=', 'owner')
    // In one order everywhere: two that wait for each other would wait for ever.
    .orderBy('organisation')
    .execute()
  for (const { organisation } of owned) await keepAnOwner(ground, organisation, person, true)
}
