/** The server that fuzzing asks: it tells by its parent's channel how each request ended, and what it made the engine do. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { firstOrganisation } from '#guard/access'
import { sessionCookie } from '#guard/credentials'
import type { Engine } from '#serve/engine'
import { openKeeping } from '#serve/keeping'
import { addPerson } from '#serve/people'
import { ScriptedEngine } from '#serve/scripted-engine'
import { newSecret } from '#serve/secrets'
import { createServer } from '#serve/server'

export type Told =
  /** Who asks is signed in, and owns the place. */
  | { kind: 'listening'; url: string; cookie: string; other: string; openapi: string }
  | { kind: 'ended'; id: string; status: number; seconds: number }
  /** How often refused requests had the engine called, and what nobody caught. */
  | { kind: 'report'; called: string[]; uncaught: string[]; logged: string[] }

const tell = (told: Told) => process.send?.(told)
const uncaught: string[] = []
process.on('unhandledRejection', (reason) =>
  uncaught.push(reason instanceof Error ? String(reason.stack) : String(reason)),
)

interface Asked {
  calls: number
}
const asking = new AsyncLocalStorage<Asked>()

/** Every way to make the model compute is counted, for the request that is at work. */
function counted(engine: ScriptedEngine): Engine {
  const count = () => {
    engine.requests.length = 0
    const asked = asking.getStore()
    if (asked !== undefined) asked.calls++
  }
  return {
    models: () => engine.models(),
    status: () => engine.status(),
    stats: () => engine.stats(),
    ready: () => engine.ready(),
    close: () => engine.close(),
    chat: (request, signal) => {
      count()
      return engine.chat(request, signal)
    },
    complete: (request, signal) => {
      count()
      return engine.complete(request, signal)
    },
    embed: (request, signal) => {
      count()
      return engine.embed(request, signal)
    },
    tokenize: (request, signal) => {
      count()
      return engine.tokenize(request, signal)
    },
  }
}

const [folder] = process.argv.slice(2)
const logged: string[] = []
const log = (line: string) => logged.push(line)
const keeping = await openKeeping({ folder }, log)
const { store } = keeping
const at = { organisation: firstOrganisation, project: '' }
const owner = await addPerson(store, { email: 'owner@example.org', name: 'o' }, { ...at, role: 'owner' }, 'trial')
const other = await addPerson(store, { email: 'other@example.org', name: 'p' }, { ...at, role: 'member' }, 'trial')
const session = newSecret()
await store.accounts.startSession(owner.id, {
  hash: session.hash,
  agent: '',
  address: '',
  expires: Date.now() + 86_400_000,
})

/** By request; of refused ones it is kept, since a call may come after the refusal. */
const open = new Map<string, Asked>()
const refused: (Asked & { id: string })[] = []
const app = createServer({
  engine: counted(new ScriptedEngine({ tokens: () => ['a ', 'b ', 'c'] })),
  store,
  people: keeping.people,
  log,
  onRequestEnd: ({ id, status, seconds }) => {
    const asked = open.get(id)
    open.delete(id)
    if (asked !== undefined && status >= 400) refused.push(Object.assign(asked, { id }))
    tell({ kind: 'ended', id, status, seconds })
  },
})
app.addHook('preValidation', (request, _reply, done) => {
  const asked = { calls: 0 }
  open.set(request.id, asked)
  asking.run(asked, done)
})
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = app.server.address() as { port: number }
process.on('message', () =>
  tell({ kind: 'report', called: refused.filter(({ calls }) => calls > 0).map(({ id }) => id), uncaught, logged }),
)
process.on('disconnect', () => process.exit(0))
const cookie = `${sessionCookie}=${session.secret}`
tell({
  kind: 'listening',
  url: `http://127.0.0.1:${port}`,
  cookie,
  other: other.id,
  openapi: JSON.stringify(app.swagger()),
})
