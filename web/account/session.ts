import type { z } from 'zod'
import type { sessionStateSchema } from '#wire/accounts'

export type Session = z.infer<typeof sessionStateSchema>

/** Who is signed in; null where the server has no accounts, or is away. */
export async function readSession(): Promise<Session | null> {
  const reply = await fetch('/api/session', { cache: 'no-store' }).catch(() => null)
  return reply?.ok ? ((await reply.json()) as Session) : null
}

/** Why one is not signed in, in the kinds that ask for different next steps. */
export type Refusal = 'wrong' | 'code' | 'wait' | 'offline' | 'server'

/** Signs in with an address and a password, and where the account has a second factor, a code. Null: it is done. */
export async function signIn(given: { email: string; password: string; code: string }): Promise<Refusal | null> {
  const { code, ...rest } = given
  const reply = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(code === '' ? rest : given),
  }).catch(() => null)
  if (reply === null) return 'offline'
  if (reply.ok) return null
  const body = (await reply.json().catch(() => null)) as { error?: { code?: string } } | null
  if (body?.error?.code === 'totp_required') return 'code'
  if (reply.status === 429) return 'wait'
  return reply.status < 500 ? 'wrong' : 'server'
}

/** Ends the session here, and shows the page as it is for whoever comes next: nothing of the last one stays in it. */
export async function signOut(): Promise<void> {
  const reply = await fetch('/api/session', { method: 'DELETE' }).catch(() => null)
  if (reply?.ok) location.assign('./')
}
