import { firstOrganisation } from '#guard/access'
import { localProject } from '#serve/local-owner'
import type { NewPerson, Person } from '#store/accounts'
import type { Store } from '#store/open'

/** Makes an owner of the organisation that was here first; what was kept while nobody signed in is the first one's. */
export async function firstOwner(store: Store, given: NewPerson): Promise<Person> {
  const person = await store.accounts.create(given)
  const { plan } = store
  await store.together([
    plan.organisations.setMember(firstOrganisation, person.id, '', 'owner'),
    plan.organisations.handOver(firstOrganisation, localProject, person.id),
    plan.audit.append(firstOrganisation, { actor: 'local', action: 'owner.created', target: person.id }),
  ])
  return person
}
