import { randomBytes } from 'node:crypto'
import { firstOrganisation } from '#guard/access'
import { sessionCookie } from '#guard/credentials'
import { openKeeping } from '#serve/keeping'
import { addPerson } from '#serve/people'
import { newKeySecret, newSecret } from '#serve/secrets'

/** Somebody with an account, and a word that stands in whatever they write and nowhere else. */
export interface Person {
  number: number
  canary: string
  /** A key or a session: one of them goes with each request. */
  credentials: readonly Readonly<Record<string, string>>[]
  /** What they have, by its kind: the newest of each. */
  things: Map<string, string[]>
  /** Looks after the organisation, and sees its figures. */
  owns: boolean
}

const canaryPattern = /canary(\d{4})x[0-9a-f]{8}/g

/** Numbers of those whose canaries stand in a text. */
export const canariesIn = (text: string): number[] =>
  [...text.matchAll(canaryPattern)].map(([, number]) => Number(number))

const ofOrganisation = 20

/** People of several organisations, each with two projects; the first of each owns it. */
export async function settle(folder: string, count: number): Promise<Person[]> {
  const { store, close } = await openKeeping({ folder }, console.error)
  const people: Person[] = []
  try {
    let organisation: string = firstOrganisation
    let projects: string[] = []
    for (let number = 0; number < count; number++) {
      const owns = number % ofOrganisation === 0
      if (owns && number > 0) organisation = (await store.organisations.create({ name: `o${number}` })).id
      if (owns)
        projects = await Promise.all(
          ['a', 'b'].map(async (name) => (await store.organisations.createProject(organisation, { name })).id),
        )
      const project = projects[number % projects.length]
      const at = { organisation, project: owns ? '' : project, role: owns ? ('owner' as const) : ('member' as const) }
      const { id } = await addPerson(store, { email: `p${number}@example.org`, name: `p${number}` }, at, 'trial')
      const key = newKeySecret()
      const given = { project, person: id, name: 'k', prefix: key.shown, hash: key.hash, scopes: ['all'] }
      await store.keys.create(organisation, given)
      const session = newSecret()
      const expires = Date.now() + 86_400_000
      await store.accounts.startSession(id, { hash: session.hash, agent: '', address: '', expires })
      const cookie = { cookie: `${sessionCookie}=${session.secret}`, 'sec-fetch-site': 'same-origin' }
      people.push({
        number,
        canary: `canary${String(number).padStart(4, '0')}x${randomBytes(4).toString('hex')}`,
        credentials: [{ authorization: `Bearer ${key.secret}` }, cookie],
        things: new Map(),
        owns,
      })
    }
    return people
  } finally {
    await close()
  }
}
