import { firstOrganisation } from '#guard/access'
import type { Caller, Identify } from '#serve/caller'
import { Identity } from '#serve/identity'
import { hasOwner, localProject } from '#serve/local-owner'
import { Passwords } from '#serve/passwords'
import type { NewPerson, Person } from '#store/accounts'
import type { Store } from '#store/open'
import type { Role } from '#store/organisations'

/** All that a server needs to deal with people: who they are, and how they prove it. */
export interface People {
  store: Store
  identity: Identity
  passwords: Passwords
  identify: Identify
  close(): Promise<void>
}

export function openPeople(store: Store, local: Caller, log: (line: string) => void): People {
  const identity = new Identity(store, local, log)
  const passwords = new Passwords()
  return {
    store,
    identity,
    passwords,
    identify: (request) => identity.identify(request),
    close: async () => {
      identity.close()
      await passwords.close()
    },
  }
}

/**
 * Makes a person with a role. The first owner of the organisation that was here first is given what was kept while
 * nobody had to sign in.
 */
export async function addPerson(
  store: Store,
  given: NewPerson,
  at: { organisation: string; project: string; role: Role },
  actor: string,
): Promise<Person> {
  const owns = at.organisation === firstOrganisation && at.project === '' && at.role === 'owner'
  const first = owns && !(await hasOwner(store))
  const person = await store.accounts.create(given)
  const { plan } = store
  const detail = { role: at.role, project: at.project }
  try {
    await store.together([
      plan.organisations.setMember(at.organisation, person.id, at.project, at.role),
      ...(first ? [plan.organisations.handOver(firstOrganisation, localProject, person.id)] : []),
      plan.audit.append(at.organisation, { actor, action: 'person.created', target: person.id, detail }),
    ])
  } catch (error) {
    await store.accounts.delete(person.id)
    throw error
  }
  return person
}
