/** Our server as its operator runs it before an upstream: accounts, a key with limits, prices, ledger, audit, a log line for each request. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstOrganisation } from '#guard/access'
import { openKeeping } from '#serve/keeping'
import { addPerson } from '#serve/people'
import { change, readRegistry, upstreamSchema, writeRegistry } from '#serve/registry'
import { newKeySecret } from '#serve/secrets'
import { serveCommand } from '#trials/served/command'

export interface Gateway {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  key: string
  /** Ends the server and gives back its ledger's sums, which must agree with what was answered. */
  close(): Promise<Sums>
}

export interface Sums {
  requests: number
  output: number
  /** Requests that were never settled. */
  open: number
  /** Requests that were answered to the end, by their number of tokens. */
  finished: Map<number, number>
}

/** `profile`: a folder for the profiles of the server's threads. */
export async function startGateway(
  upstream: { url: string; model: string },
  { profile, databaseUrl, folder = tmpdir() }: { profile?: string; databaseUrl?: string; folder?: string } = {},
): Promise<Gateway> {
  const data = mkdtempSync(join(folder, 'dotline-gateway-'))
  const key = await prepare(data, databaseUrl)
  register(join(data, 'models'), upstream)
  const url = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }
  const env: NodeJS.ProcessEnv = { ...process.env, ...url }
  if (profile !== undefined) env.NODE_OPTIONS = `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profile}`
  const args = ['--port', '0', '--no-page', '--data', data, '--log-format', 'json']
  const server = await serveCommand({ args, env })
  await server.ready
  return {
    url: `${server.url}/v1`,
    key,
    async close() {
      await server.end('SIGTERM')
      try {
        return await sums(data, databaseUrl)
      } finally {
        rmSync(data, { recursive: true, force: true })
      }
    },
  }
}

/** Limits that are counted and never reached: of the organisation, of the project, of the key. */
const limits = [
  { subject: 'organisation', metric: 'money', period: 'month', maximum: 2 ** 50 },
  { subject: 'organisation', metric: 'tokens', period: 'day', maximum: 2 ** 40 },
] as const

async function prepare(data: string, url: string | undefined): Promise<string> {
  const keeping = await openKeeping({ folder: data, url }, console.error)
  const { store } = keeping
  try {
    const at = { organisation: firstOrganisation, project: '', role: 'owner' as const }
    const { id: person } = await addPerson(store, { email: 'owner@example.org', name: 'Owner' }, at, 'bench')
    const { id: project } = await store.organisations.createProject(firstOrganisation, { name: 'bench' })
    const { secret, hash, shown } = newKeySecret()
    const wish = { project, person, name: 'bench', prefix: shown, scopes: ['all'], hash }
    const { id } = await store.keys.create(firstOrganisation, wish)
    for (const limit of limits) await store.limits.set(firstOrganisation, limit)
    const subject = `key:${id}`
    for (const metric of ['requests', 'tokens'])
      await store.limits.set(firstOrganisation, { subject, metric, period: 'minute', maximum: 2 ** 40 })
    return secret
  } finally {
    await keeping.close()
  }
}

function register(models: string, { url, model }: { url: string; model: string }): void {
  const wish = { urls: [url], model, private: true, capabilities: ['chat'], contextLength: 4096, outstanding: 20_000 }
  const upstream = upstreamSchema.parse(wish)
  const price = { currency: 'EUR', input: 1, cached: 0.5, output: 3 }
  const about = { added: 0, contextLength: 4096, capabilities: upstream.capabilities, price, licence: null }
  writeRegistry(models, change.add(readRegistry(models), model, { kind: 'upstream', upstream, ...about }))
}

/** Reads the whole ledger, row by row. */
async function sums(folder: string, url: string | undefined): Promise<Sums> {
  const { store, close } = await openKeeping({ folder, url }, console.error)
  const sums: Sums = { requests: 0, output: 0, open: 0, finished: new Map() }
  try {
    for (let after: string | undefined; ; ) {
      const page = await store.usage.entries(firstOrganisation, { from: 0, until: 2 ** 52, limit: 1000, after })
      for (const { state, outcome, output } of page.data) {
        sums.requests++
        sums.output += output
        if (state !== 'settled') sums.open++
        if (outcome === 'finished') sums.finished.set(output, (sums.finished.get(output) ?? 0) + 1)
      }
      if (page.next === null) return sums
      after = page.next
    }
  } finally {
    await close()
  }
}
