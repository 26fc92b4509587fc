import { texts } from '#bin/catalogue'
import { UsageError } from '#bin/command'
import { dataFolder } from '#bin/data-folder'
import { firstOrganisation } from '#guard/access'
import { localOwner } from '#serve/local-owner'
import type { Person } from '#store/accounts'
import { openStore, type Store } from '#store/open'
import { type Role, roles } from '#store/organisations'

/** What these commands share: the store of this machine, and whom their arguments name. */

export const shared = {
  org: { type: 'string' },
  project: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

/** For the audit: who sat at the machine. */
export const actor = 'command line'

/** Opens the store, with what stands in every one, and closes it whatever happens. */
export async function withStore<T>(data: string | undefined, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ folder: dataFolder(data), url: process.env.DATABASE_URL })
  try {
    await localOwner(store)
    return await work(store)
  } finally {
    await store.close()
  }
}

export const organisationOf = (named: string | undefined) => named ?? firstOrganisation

export async function personOf(store: Store, email: string): Promise<Person> {
  const person = await store.accounts.byEmail(email)
  if (person === null) throw new Error(texts().people.nobody(email))
  return person
}

export function roleOf(given: string): Role {
  const role = roles.find((each) => each === given)
  if (role === undefined) throw new UsageError(texts().people.role(given))
  return role
}

/** The first project of an organisation, or the one that is named. */
export async function projectOf(store: Store, organisation: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return (await store.organisations.getProject(organisation, named)).id
  const open = (await store.organisations.projects(organisation)).find(({ archived }) => archived === null)
  if (open === undefined) throw new Error(texts().people.noProject(organisation))
  return open.id
}
