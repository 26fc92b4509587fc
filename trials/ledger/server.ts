/** The server that the ledger trial kills: scripted models over a store. `node server.ts <folder>`; prints its port. */
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Caller, nobody } from '#serve/caller'
import type { Engine } from '#serve/engine'
import { type Script, ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'
import { openStore } from '#store/open'
import { ApiError } from '#wire/errors'

export const organisation = 'org-ledger'
export const promptTokens = 7
export const mostTokens = 60

/** The seed that the client sends says how many tokens there are. */
const tokens: Script['tokens'] = ({ sampling }) => Array.from({ length: 1 + (sampling.seed % mostTokens) }, () => 'w ')
const plain: Script = { tokens, promptTokens, delayMs: 1 }
const error = new ApiError('upstream_failed', 'scripted')

const scripts: Record<string, Script> = {
  good: plain,
  quick: { ...plain, delayMs: undefined },
  breaks: { ...plain, break: { after: 9, error } },
  cuts: { ...plain, faults: [{ type: 'cut', after: 5 }] },
  refuses: { ...plain, refuse: error },
}
export const models: readonly string[] = Object.keys(scripts)

async function serve(folder: string): Promise<void> {
  const store = await openStore({ folder })
  await store.organisations.create({ id: organisation, name: 'ledger' }).catch(() => {})
  const owner = await store.organisations.owner(organisation, '', '')
  const caller: Caller = {
    ...nobody,
    organisation,
    owner,
    key: 'key_ledger',
    by: 'local',
    memberships: [{ organisation, project: '', role: 'owner' }],
  }
  const engines = models.map((model) => [model, new ScriptedEngine(scripts[model], model)] as const)
  const of = Object.fromEntries(engines)
  const [, first] = engines[0]
  const engine: Engine = {
    models: () => engines.flatMap(([, each]) => each.models()),
    status: () => first.status(),
    chat: (request, signal) => of[request.model].chat(request, signal),
    complete: (request, signal) => of[request.model].complete(request, signal),
    embed: (request, signal) => of[request.model].embed(request, signal),
    tokenize: (request, signal) => of[request.model].tokenize(request, signal),
    stats: () => first.stats(),
    ready: () => first.ready(),
    close: () => first.close(),
  }
  const app = createServer({ engine, store, identify: async () => caller })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  writeSync(1, `${typeof address === 'object' && address !== null ? address.port : 0}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2])
