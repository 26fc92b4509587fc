import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { firstOrganisation } from '#guard/access'
import { sessionCookie } from '#guard/credentials'
import { ruleOf, routes as table } from '#guard/routes'
import { openKeeping } from '#serve/keeping'
import { localProject } from '#serve/local-owner'
import { addPerson } from '#serve/people'
import { ScriptedEngine } from '#serve/scripted-engine'
import { newKeySecret, newSecret } from '#serve/secrets'
import { createServer } from '#serve/server'
import type { Store } from '#store/open'
import type { Role } from '#store/organisations'
import { bodies, type Send, things } from './things.ts'

/** Every address of the router, asked by everybody who should not get through, by each carrier of a credential. */

export interface Report {
  addresses: number
  requests: number
  /** Fields of addresses for which another's thing was tried. */
  tried: string[]
  wrong: string[]
}

type Method = NonNullable<InjectOptions['method']>
type Headers = Record<string, string>
interface Actor {
  name: string
  carriers: Headers[]
}

export async function tryMatrix(): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-matrix-'))
  const keeping = await openKeeping({ folder }, () => {})
  const engine = new ScriptedEngine({ tokens: () => ['a'] })
  const app = createServer({ engine, store: keeping.store, people: keeping.people, log: () => {} })
  await app.ready()
  const report: Report = { addresses: 0, requests: 0, tried: [], wrong: [] }
  try {
    const actors = await cast(keeping.store)
    const ask = async (method: Method, url: string, headers: Headers, payload?: unknown) => {
      report.requests++
      const json = payload !== undefined && typeof payload !== 'string' ? { 'content-type': 'application/json' } : {}
      const body = typeof payload === 'string' || payload === undefined ? payload : JSON.stringify(payload)
      return await app.inject({ method, url, headers: { host: 'localhost', ...json, ...headers }, payload: body })
    }
    const send: Send = async (method, url, payload, headers = {}) => {
      const reply = await ask(method, url, { ...actors.owner.carriers[0], ...headers }, payload)
      if (reply.statusCode >= 300) throw new Error(`${method} ${url} as the owner: ${reply.statusCode} ${reply.body}`)
      return reply.json()
    }
    const trial = new Matrix(ask, report)
    for (const address of app.routeList) await trial.strangers(address, actors)
    const made = new Map<string, string>()
    for (const field of trial.fields) {
      if (!Object.hasOwn(things, field))
        report.wrong.push(`:${field} is not in trials/access/things.ts: say how one is made`)
      const make = things[field]
      if (make) made.set(field, await make(send))
    }
    for (const address of app.routeList) await trial.others(address, actors, made)
    for (const address of app.routeList) await trial.own(address, actors, made)
    return report
  } finally {
    await app.close()
    await keeping.close()
    rmSync(folder, { recursive: true })
  }
}

type Ask = (
  method: Method,
  url: string,
  headers: Headers,
  payload?: unknown,
) => Promise<{ statusCode: number; body: string }>
type Cast = Record<'owner' | 'other' | 'admin' | 'revoked' | 'narrow' | 'anonymous', Actor>

class Matrix {
  readonly #ask: Ask
  readonly #report: Report
  readonly fields = new Set<string>()

  constructor(ask: Ask, report: Report) {
    this.#ask = ask
    this.#report = report
  }

  /** Who has no credential that holds gets nowhere, and a narrow key no further than it reaches. */
  async strangers(address: string, { anonymous, revoked, narrow }: Cast): Promise<void> {
    const [method, pattern] = split(address)
    const rule = ruleOf(table, method, pattern)
    this.#report.addresses++
    for (const [, field] of pattern.matchAll(/:(\w+)/g)) this.fields.add(field)
    if (rule === undefined) {
      this.#report.wrong.push(`${address} has no rule in guard/routes.ts`)
      return
    }
    if (rule.who === 'anyone') return
    const url = pattern.replaceAll(/:\w+/g, 'none')
    for (const actor of [anonymous, revoked])
      for (const carrier of actor.carriers) await this.#expect(address, actor, carrier, url, [401])
    const reached = rule.who !== 'person' && (rule.scope === null || rule.scope === 'metrics.read')
    if (reached) return
    for (const carrier of narrow.carriers) await this.#expect(address, narrow, carrier, url, [403])
  }

  /** Another's thing is not there, in the very words of what nobody has; for the administrator of the same place, too. */
  async others(address: string, { other, admin }: Cast, made: ReadonlyMap<string, string>): Promise<void> {
    const [method, pattern] = split(address)
    const field = fieldOf(pattern)
    const id = field === null ? undefined : made.get(field)
    if (field === null || id === undefined || field === 'model' || method === 'HEAD') return
    if (!this.#report.tried.includes(field)) this.#report.tried.push(field)
    const absent = `${id.slice(0, -1)}${id.endsWith('a') ? 'b' : 'a'}`
    const at = (one: string) => pattern.replace(`:${field}`, one).replaceAll(/:\w+/g, 'none')
    const inspects = pattern.startsWith('/api/organization/') || pattern.startsWith('/v1/organization/')
    for (const actor of inspects ? [other] : [other, admin])
      for (const carrier of actor.carriers) {
        const payload = method === 'GET' || method === 'DELETE' ? undefined : (bodies[address] ?? {})
        const theirs = await this.#ask(method, at(id), carrier, payload)
        const nobodys = await this.#ask(method, at(absent), carrier, payload)
        const same = theirs.body.replaceAll(id, '…') === nobodys.body.replaceAll(absent, '…')
        // A list of what is below it may be empty for both.
        const refused =
          (theirs.statusCode >= 400 && theirs.statusCode < 500) || (method === 'GET' && theirs.statusCode === 200)
        if (!refused || theirs.statusCode !== nobodys.statusCode || !same)
          this.#report.wrong.push(
            `${address} by ${actor.name}: ${theirs.statusCode} ${theirs.body}, of none ${nobodys.statusCode} ${nobodys.body}`,
          )
        else if (theirs.statusCode === 400 && method !== 'GET')
          this.#report.wrong.push(`${address}: a body is needed in trials/access/things.ts: ${theirs.body}`)
      }
  }

  /** After all that, everything is still where it was, for the one whose it is. */
  async own(address: string, { owner }: Cast, made: ReadonlyMap<string, string>): Promise<void> {
    const [method, pattern] = split(address)
    const field = fieldOf(pattern)
    const id = field === null ? undefined : made.get(field)
    if (method !== 'GET' || field === null || id === undefined || pattern.replace(`:${field}`, '').includes(':')) return
    if (pattern.startsWith('/api/organization/')) return
    for (const carrier of owner.carriers)
      await this.#expect(address, owner, carrier, pattern.replace(`:${field}`, id), [200])
  }

  async #expect(address: string, { name }: Actor, carrier: Headers, url: string, statuses: number[]): Promise<void> {
    const [method] = split(address)
    const { statusCode, body } = await this.#ask(method, url, carrier, method === 'POST' ? {} : undefined)
    if (statuses.includes(statusCode)) return
    const how = Object.keys(carrier)[0] ?? 'nothing'
    this.#report.wrong.push(`${address} by ${name} (${how}): ${statusCode}, not ${statuses}: ${body.slice(0, 200)}`)
  }
}

const split = (address: string): [Method, string] => {
  const [method, pattern] = address.split(' ')
  return [method as Method, pattern]
}

const fieldOf = (pattern: string): string | null => /:(\w+)/.exec(pattern)?.[1] ?? null

/** Somebody who works here, an administrator of the same place, somebody elsewhere, and credentials that do not hold. */
async function cast(store: Store): Promise<Cast> {
  const elsewhere = await store.organisations.create({ name: 'elsewhere' })
  const project = await store.organisations.createProject(elsewhere.id, { name: 'elsewhere' })
  const person = async (name: string, organisation: string, role: Role) =>
    (await addPerson(store, { email: `${name}@example.org`, name }, { organisation, project: '', role }, 'trial')).id
  const key = async (organisation: string, at: string, of: string, scopes: string[]) => {
    const { secret, hash, shown } = newKeySecret()
    const made = await store.keys.create(organisation, {
      project: at,
      person: of,
      name: 'k',
      prefix: shown,
      hash,
      scopes,
    })
    return { id: made.id, carriers: [{ authorization: `Bearer ${secret}` }, { 'x-api-key': secret }] as Headers[] }
  }
  const session = async (of: string): Promise<Headers> => {
    const { secret, hash } = newSecret()
    await store.accounts.startSession(of, { hash, agent: '', address: '', expires: Date.now() + 3_600_000 })
    return { cookie: `${sessionCookie}=${secret}`, 'sec-fetch-site': 'same-origin' }
  }
  await person('first', firstOrganisation, 'owner')
  const me = await person('me', firstOrganisation, 'member')
  const boss = await person('boss', firstOrganisation, 'admin')
  const stranger = await person('stranger', elsewhere.id, 'owner')
  const here = (of: string, scopes = ['all']) => key(firstOrganisation, localProject, of, scopes)
  const gone = await here(me)
  await store.keys.revoke(firstOrganisation, gone.id)
  const there = await key(elsewhere.id, project.id, stranger, ['all'])
  const full = async (name: string, of: string, { carriers }: { carriers: Headers[] }): Promise<Actor> => ({
    name,
    carriers: [...carriers, await session(of)],
  })
  const query = { 'x-forwarded-for': '127.0.0.1' }
  return {
    owner: await full('its owner', me, await here(me)),
    admin: await full('an administrator', boss, await here(boss)),
    other: await full('another', stranger, there),
    revoked: { name: 'a revoked key', carriers: gone.carriers },
    narrow: { name: 'a narrow key', carriers: (await here(me, ['metrics.read'])).carriers },
    anonymous: {
      name: 'nobody',
      carriers: [
        {},
        query,
        { authorization: 'Bearer none' },
        { cookie: `${sessionCookie}=none`, 'sec-fetch-site': 'same-origin' },
      ],
    },
  }
}
