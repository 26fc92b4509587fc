import { localOwner } from '#serve/local-owner'
import { openPeople, type People } from '#serve/people'
import { openStore, type Store } from '#store/open'

/** How often what has expired is forgotten. */
const sweepEveryMs = 5000

export interface Keeping {
  store: Store
  people: People
  close(): Promise<void>
}

/** Opens the store that a server keeps things in, and tends it while the server runs. @throws StoreError */
export async function openKeeping(
  settings: { folder: string; url?: string },
  log: (line: string) => void,
): Promise<Keeping> {
  const store = await openStore(settings)
  const owner = await localOwner(store).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const people = openPeople(store, owner, log)
  // A file has one server, though commands may open it beside: whatever was being written in it has lost the one before.
  if (settings.url === undefined) await store.streams.abandon(0)
  let sweeping: Promise<void> | null = null
  const timer = setInterval(() => {
    sweeping ??= store
      .sweep()
      .catch((error: unknown) => log(`Sweeping the store failed: ${error instanceof Error ? error.message : error}`))
      .finally(() => {
        sweeping = null
      })
  }, sweepEveryMs)
  timer.unref()
  return {
    store,
    people,
    close: async () => {
      await people.close()
      clearInterval(timer)
      await sweeping
      await store.close()
    },
  }
}
