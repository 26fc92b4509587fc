import type { Caller, Identify } from '#serve/caller'
import { Identity } from '#serve/identity'
import { Passwords } from '#serve/passwords'
import type { Store } from '#store/open'

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
