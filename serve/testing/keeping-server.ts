import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Caller } from '#serve/caller'
import { openKeeping } from '#serve/keeping'
import { localOwner } from '#serve/local-owner'
import type { Script } from '#serve/scripted-engine'
import type { ServerOptions } from '#serve/server'
import type { Store } from '#store/open'
import { type ScriptedServer, serveScript } from './scripted-server.ts'

export interface KeepingServer extends ScriptedServer {
  store: Store
  /** Who asks without a credential, while there are no accounts. */
  owner: Caller
  folder: string
  /** Ids of all files of the one who asks, whatever they are for. */
  files(): Promise<string[]>
}

/** A real HTTP server over a scripted engine that keeps things in a folder of its own, or in one that is given. */
export async function serveKeeping(
  script: Script,
  options: Partial<ServerOptions> = {},
  given?: string,
): Promise<KeepingServer> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'dotline-keeping-'))
  const keeping = await openKeeping({ folder }, console.error)
  const server = await serveScript(script, { store: keeping.store, people: keeping.people, ...options })
  const owner = await localOwner(keeping.store)
  return {
    ...server,
    store: keeping.store,
    owner,
    folder,
    files: async () => (await keeping.store.files.list(owner.owner)).data.map(({ id }) => id),
    close: async () => {
      await server.close()
      await keeping.close()
      if (given === undefined) rmSync(folder, { recursive: true })
    },
  }
}
