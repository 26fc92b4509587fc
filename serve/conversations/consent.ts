import type { Caller } from '#serve/caller'
import type { Store } from '#store/open'
import type { ConsentRecord } from '#wire/conversations'
import { consentVersion } from '#wire/opinions'

const kind = 'preference-data'

type Entry = ConsentRecord['history'][number]

/** What was agreed to, and when. A person's stands in their account; without accounts it stands beside the conversations. */
export async function consentOf(store: Store, { person, owner }: Caller): Promise<ConsentRecord> {
  const entries: Entry[] =
    person === ''
      ? (((await store.preferences.get(owner, kind)) as Entry[] | null) ?? [])
      : (await store.consents.history(person)).filter((each) => each.kind === kind)
  const history = entries.map(({ version, given, withdrawn }) => ({ version, given, withdrawn }))
  const given = history.some((each) => each.withdrawn === null && each.version === consentVersion)
  return { given, version: consentVersion, history }
}

export async function giveConsent(store: Store, caller: Caller): Promise<void> {
  if (caller.person !== '') return store.consents.give(caller.person, kind, consentVersion)
  const { given, history } = await consentOf(store, caller)
  if (given) return
  const now: Entry = { version: consentVersion, given: Date.now(), withdrawn: null }
  await store.preferences.set(caller.owner, kind, [...history.map(ended), now])
}

export async function withdrawConsent(store: Store, caller: Caller): Promise<void> {
  if (caller.person !== '') return store.consents.withdraw(caller.person, kind)
  const { history } = await consentOf(store, caller)
  await store.preferences.set(caller.owner, kind, history.map(ended))
}

const ended = (entry: Entry): Entry => ({ ...entry, withdrawn: entry.withdrawn ?? Date.now() })
