import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { firstOrganisation } from '#guard/access'
import { openKeeping } from '#serve/keeping'
import { localProject } from '#serve/local-owner'
import { addPerson } from '#serve/people'
import { ScriptedEngine } from '#serve/scripted-engine'
import { newKeySecret } from '#serve/secrets'
import { createServer } from '#serve/server'

export interface Guessed {
  /** Passwords of one account that were hashed and compared, most of any. */
  mostOfAccount: number
  answered: number
  /** The 95th percentile of chat's time while passwords are tried, over what it was before. */
  slower: number
  /** How well time tells names that are there from names that are not: 0.5 is not at all. */
  told: number
}

interface Tried {
  email: string
  known: boolean
  status: number
  ms: number
}

/** Real requests over loopback; `addresses` of 127.0.0.0/8 stand for as many places in the world. */
export async function guess(folder: string, tries: number, addresses: number, accounts = 20): Promise<Guessed> {
  const keeping = await openKeeping({ folder }, () => {})
  const { store, people } = keeping
  const engine = new ScriptedEngine({ tokens: () => ['a', 'b', 'c', 'd'] })
  const app = createServer({ engine, store, people, log: () => {} })
  try {
    const hash = await people.passwords.hash('a password that nobody tries')
    const at = { organisation: firstOrganisation, project: '', role: 'owner' } as const
    for (let n = 0; n < accounts; n++)
      await addPerson(store, { email: `known${n}@example.org`, name: 'k', password: hash }, at, 'trial')
    const { secret, hash: key, shown } = newKeySecret()
    const given = { project: localProject, person: '', name: 'k', prefix: shown, hash: key, scopes: ['all'] }
    await store.keys.create(firstOrganisation, given)
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as { port: number }
    const before = await chats(port, secret, 100, () => false)
    let over = false
    const during = chats(port, secret, Number.POSITIVE_INFINITY, () => over)
    const tried = await attack(port, tries, addresses, accounts)
    over = true
    return judge(before, await during, tried)
  } finally {
    app.server.closeAllConnections()
    await app.close()
    await keeping.close()
  }
}

/** One after the other, with a pause, as a person would: the times that they took. */
async function chats(port: number, secret: string, count: number, over: () => boolean): Promise<number[]> {
  const times: number[] = []
  const body = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
  const agent = new Agent({ keepAlive: true })
  while (times.length < count && !over()) {
    const began = performance.now()
    const { status } = await post(port, '/v1/chat/completions', body, {
      agent,
      headers: { authorization: `Bearer ${secret}` },
    })
    if (status !== 200) throw new Error(`chat answered ${status}`)
    times.push(performance.now() - began)
    await wait(10)
  }
  agent.destroy()
  return times
}

async function attack(port: number, tries: number, addresses: number, accounts: number): Promise<Tried[]> {
  const tried: Tried[] = []
  const agents = Array.from(
    { length: addresses },
    (_, n) => new Agent({ keepAlive: true, localAddress: `127.0.${1 + (n >> 7)}.${1 + (n & 127)}` }),
  )
  let next = 0
  const one = async () => {
    while (next < tries) {
      const n = next++
      const known = n % 2 === 0
      // Most go to a few accounts; the unknown names are as many.
      const email = `${known ? 'known' : 'unknown'}${(n >> 1) % accounts}@example.org`
      const began = performance.now()
      const { status } = await post(
        port,
        '/api/session',
        { email, password: `guess ${n}` },
        { agent: agents[n % addresses] },
      )
      tried.push({ email, known, status, ms: performance.now() - began })
    }
  }
  // One at a time: what is measured is how long one takes, not how many wait before it.
  await one()
  for (const agent of agents) agent.destroy()
  return tried
}

function judge(before: number[], during: number[], tried: Tried[]): Guessed {
  const compared = tried.filter(({ status }) => status === 401)
  const counts = Map.groupBy(compared, ({ email }) => email)
  const times = (known: boolean) => compared.filter((each) => each.known === known).map(({ ms }) => ms)
  return {
    mostOfAccount: Math.max(0, ...[...counts.values()].map((all) => all.length)),
    answered: tried.length,
    slower: p95(during) / p95(before),
    told: told(times(true), times(false)),
  }
}

const p95 = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)]

/** The probability that of two, one of each kind, the later is the known one, or the unknown one, whichever is more. */
function told(known: number[], unknown: number[]): number {
  let later = 0
  for (const one of known) for (const other of unknown) later += one > other ? 1 : one === other ? 0.5 : 0
  const share = later / (known.length * unknown.length)
  return Math.max(share, 1 - share)
}

interface How {
  agent: Agent
  headers?: Record<string, string>
}

function post(port: number, path: string, body: object, { agent, headers }: How): Promise<{ status: number }> {
  const payload = JSON.stringify(body)
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload), ...headers }
  return new Promise((done, failed) => {
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers: all }, (reply) =>
      reply.resume().on('end', () => done({ status: reply.statusCode ?? 0 })),
    )
    sent.on('error', failed)
    sent.end(payload)
  })
}
