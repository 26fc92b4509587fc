import { storageFor } from '#guard/quota'
import type { Caller } from '#serve/caller'
import type { Store } from '#store/open'
import { limits } from '#wire/limits'

/** How many bytes a caller's files may take: what the limits on storage leave each owner of files, or the server's own. */
export async function roomForFiles(store: Store, caller: Caller): Promise<number> {
  const held = caller.organisation === '' ? [] : await store.limits.list(caller.organisation)
  return storageFor(held, { ...caller, model: '' }, limits.storageBytes)
}
