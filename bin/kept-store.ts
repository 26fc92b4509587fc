import { existsSync } from 'node:fs'
import { openStore, type Store } from '#store/open'
import { texts } from './catalogue.ts'
import { UsageError } from './command.ts'
import { dataFolder } from './data-folder.ts'

/** Who does what the command line does, in the audit log. */
export const actor = 'command line'

/** Opens what is kept, beside a server that may run, for as long as it is worked with. */
export async function withStore<T>(
  { data, org }: { data?: string; org?: string },
  work: (store: Store, organisation: string) => Promise<T>,
): Promise<T> {
  const folder = dataFolder(data)
  if (!existsSync(folder)) throw Object.assign(new Error(`ENOENT: ${folder}`), { code: 'ENOENT', path: folder })
  const store = await openStore({ folder, url: process.env.DATABASE_URL })
  try {
    return await work(store, await organisationOf(store, org))
  } finally {
    await store.close()
  }
}

async function organisationOf(store: Store, named: string | undefined): Promise<string> {
  if (named !== undefined) return (await store.organisations.get(named)).id
  const all = await store.organisations.list()
  const one = all.length === 1 ? all[0] : all.find(({ id }) => id === 'org-local')
  if (one === undefined) throw new UsageError(texts().ledger.organization(all.map(({ id }) => id).join(', ') || '-'))
  return one.id
}
