import { firstOrganisation } from '#guard/access'
import type { Caller } from '#serve/caller'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'

/** Where the one who runs the machine keeps things before there are accounts. */
const organisation = firstOrganisation
export const localProject = 'proj_local'
const project = localProject

/** The owner of a server on its own machine, where nobody signs in: may do everything, and is the same at each start. */
export async function localOwner(store: Store): Promise<Caller> {
  await unlessThere(() => store.organisations.create({ id: organisation, name: 'Local' }))
  await unlessThere(() => store.organisations.createProject(organisation, { id: project, name: 'Local' }))
  return {
    organisation,
    project,
    person: '',
    key: '',
    owner: await store.organisations.owner(organisation, project, ''),
    by: 'local',
    memberships: [{ organisation, project: '', role: 'owner' }],
    scopes: null,
    models: null,
  }
}

/** Whether somebody with an account owns this installation, and can sign in. */
export async function hasOwner(store: Store): Promise<boolean> {
  const members = await store.organisations.members(organisation)
  const owners = members.filter(({ project, role }) => project === '' && role === 'owner')
  const people = await Promise.all(owners.map(({ person }) => store.accounts.get(person)))
  return people.some(({ disabled }) => disabled === null)
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make()
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'conflict')) throw error
  }
}
