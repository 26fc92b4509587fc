import { firstOrganisation } from '#guard/access'
import { sessionCookie } from '#guard/credentials'
import { openKeeping } from '#serve/keeping'
import { addPerson } from '#serve/people'
import { newKeySecret, newSecret } from '#serve/secrets'
import type { Canaries } from './canaries.ts'

export type Headers = Readonly<Record<string, string>>

/** Credentials of every kind, and all of them secrets. */
export interface Cast {
  /** Of the owner: a session that is used once, since some addresses end it. */
  session(): Headers
  key: Headers
  keySecret: string
  /** Those that do not hold, or not for everything. */
  others: Readonly<Record<string, Headers>>
}

const password = 'canary-password-41fd90aa7c'

export async function hire(folder: string, sessions: number, canaries: Canaries): Promise<Cast> {
  const keeping = await openKeeping({ folder }, console.error)
  const { store, people } = keeping
  try {
    const at = { organisation: firstOrganisation, project: '', role: 'owner' } as const
    const hash = await people.passwords.hash(canaries.guard(password, 'a password'))
    const { id } = await addPerson(store, { email: 'owner@example.org', name: 'o', password: hash }, at, 'trial')
    const session = async (ended: boolean) => {
      const { secret, hash: of } = newSecret()
      const expires = Date.now() + (ended ? -1 : 86_400_000)
      await store.accounts.startSession(id, { hash: of, agent: '', address: '', expires })
      return { cookie: `${sessionCookie}=${canaries.guard(secret, 'a session')}`, 'sec-fetch-site': 'same-origin' }
    }
    const key = async (scopes: string[]) => {
      const { secret, hash: of, shown } = newKeySecret()
      const given = { project: '', person: id, name: 'k', prefix: shown, hash: of, scopes }
      const made = await store.keys.create(firstOrganisation, given)
      return { id: made.id, secret: canaries.guard(secret, 'a key') }
    }
    const whole = await key(['all'])
    const narrow = await key(['metrics.read'])
    const gone = await key(['all'])
    await store.keys.revoke(firstOrganisation, gone.id)
    const left: Headers[] = []
    while (left.length < sessions) left.push(await session(false))
    const wrong = canaries.guard(newKeySecret().secret, 'a key that nobody has')
    const theirs = canaries.guard(`sk-proj-${newSecret().secret}`, "another provider's key")
    const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
    return {
      session: () => left.pop() ?? {},
      key: bearer(whole.secret),
      keySecret: whole.secret,
      others: {
        'a wrong key': bearer(wrong),
        "another provider's key": { 'x-api-key': theirs },
        'a revoked key': bearer(gone.secret),
        'a narrow key': bearer(narrow.secret),
        'two keys': { ...bearer(whole.secret), 'x-api-key': gone.secret },
        'a key with a password': { authorization: `Basic ${Buffer.from(`o:${password}`).toString('base64')}` },
        'a session that ended': await session(true),
        "another site's session": { ...(await session(false)), 'sec-fetch-site': 'cross-site' },
      },
    }
  } finally {
    await keeping.close()
  }
}

export const signIn = { email: 'owner@example.org', password }
