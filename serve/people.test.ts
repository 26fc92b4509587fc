import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionCookie } from '#guard/credentials'
import { type Keeping, openKeeping } from '#serve/keeping'
import { ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'
import { codeAt, stepOf } from './people/totp.ts'

const folder = mkdtempSync(join(tmpdir(), 'dotline-people-'))
let keeping: Keeping
let app: ReturnType<typeof createServer>
beforeAll(async () => {
  keeping = await openKeeping({ folder }, () => {})
  const engine = new ScriptedEngine({ tokens: () => ['a'] })
  app = createServer({ engine, store: keeping.store, people: keeping.people, log: () => {} })
  await app.ready()
})
afterAll(async () => {
  await app.close()
  await keeping.close()
  rmSync(folder, { recursive: true })
})

interface Asked {
  cookie?: string
  key?: string
  headers?: Record<string, string>
}

/** What the page or a program sends, and what comes back. */
async function ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object, as: Asked = {}) {
  const headers = {
    host: 'localhost',
    ...(as.cookie ? { cookie: `${sessionCookie}=${as.cookie}`, 'sec-fetch-site': 'same-origin' } : {}),
    ...(as.key ? { authorization: `Bearer ${as.key}` } : {}),
    ...as.headers,
  }
  const reply = await app.inject({ method, url, headers, payload })
  const set = String(reply.headers['set-cookie'] ?? '')
  const cookie = new RegExp(`${sessionCookie}=([^;]*)`).exec(set)?.[1]
  return { status: reply.statusCode, body: reply.body === '' ? null : reply.json(), cookie, set }
}

const password = 'correct horse battery'
const signIn = (email: string, given = password, code?: string) =>
  ask('POST', '/api/session', { email, password: given, ...(code ? { code } : {}) })

let owner: string
let ownerId: string

describe('accounts', () => {
  it('begin with an owner, whose are then the things that were kept before', async () => {
    const before = await ask('GET', '/api/session')
    expect(before.body).toMatchObject({ state: 'local', person: null })
    const kept = await ask('POST', '/api/conversations', { title: 'mine' })
    expect(kept.status).toBe(201)
    const first = { email: 'Owner@example.org', name: 'Owner', password }
    const made = await ask('POST', '/api/account/first', first)
    expect(made.status).toBe(201)
    expect(made.set).toMatch(/^__Host-dotline=[\w-]{43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/)
    owner = made.cookie ?? ''
    ownerId = made.body.id
    expect((await ask('POST', '/api/account/first', first)).status).toBe(401)
    expect((await ask('POST', '/api/account/first', first, { cookie: owner })).status).toBe(409)
    const listed = await ask('GET', '/api/conversations', undefined, { cookie: owner })
    expect(listed.body.data.map(({ title }: { title: string }) => title)).toEqual(['mine'])
  })

  it('ask everybody for a credential from then on, in OpenAI’s words', async () => {
    const none = await ask('GET', '/v1/models')
    expect(none.status).toBe(401)
    expect(none.body.error).toMatchObject({ code: 'invalid_api_key', type: 'invalid_request_error', param: null })
    const wrong = await ask('GET', '/v1/models', undefined, { key: 'sk-wrong' })
    expect(wrong.body.error).toMatchObject({ code: 'invalid_api_key', message: 'Incorrect API key provided: ***.' })
    expect((await ask('GET', '/api/session')).body).toMatchObject({ state: 'signed_out' })
    expect((await ask('GET', '/health')).status).toBe(200)
  })

  it('are signed in with a password, and one wrong thing is as wrong as another', async () => {
    expect((await signIn('owner@example.org')).status).toBe(204)
    const wrong = await signIn('owner@example.org', 'wrong')
    const unknown = await signIn('nobody@example.org', 'wrong')
    expect(wrong.status).toBe(401)
    expect(unknown.body).toEqual(wrong.body)
  })

  it('change nothing for a cookie that no page of this server sent', async () => {
    const cookie = `${sessionCookie}=${owner}`
    const bare = await ask('PATCH', '/api/account', { name: 'x' }, { headers: { cookie } })
    expect(bare.status).toBe(403)
    const cross = { cookie, 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }
    expect((await ask('PATCH', '/api/account', { name: 'x' }, { headers: cross })).status).toBe(403)
    const own = { cookie, origin: 'http://localhost' }
    expect((await ask('PATCH', '/api/account', { name: 'Me' }, { headers: own })).body).toMatchObject({ name: 'Me' })
  })

  it('list their sessions and end them', async () => {
    const { cookie = '' } = await signIn('owner@example.org')
    const all = await ask('GET', '/api/account/sessions', undefined, { cookie })
    const current = all.body.data.find((each: { current: boolean }) => each.current)
    expect(all.body.data.length).toBeGreaterThan(1)
    expect((await ask('DELETE', '/api/account/sessions/sess_none', undefined, { cookie })).status).toBe(404)
    expect((await ask('DELETE', `/api/account/sessions/${current.id}`, undefined, { cookie: owner })).status).toBe(204)
    const ended = await ask('GET', '/api/account', undefined, { cookie })
    expect(ended.body.error).toMatchObject({ code: 'session_ended' })
    const again = await signIn('owner@example.org')
    expect((await ask('DELETE', '/api/session', undefined, { cookie: again.cookie })).set).toContain('Max-Age=0')
    expect((await ask('GET', '/api/account', undefined, { cookie: again.cookie })).status).toBe(401)
  })

  it('take a second factor, each code once, and words on paper where it is lost', async () => {
    const begun = await ask('POST', '/api/account/totp', {}, { cookie: owner })
    const { secret, uri } = begun.body
    expect(uri).toContain(`secret=${secret}`)
    const now = () => codeAt(secret, stepOf(Date.now()))
    expect((await ask('POST', '/api/account/totp/confirm', { code: 'no' }, { cookie: owner })).status).toBe(400)
    const confirmed = await ask('POST', '/api/account/totp/confirm', { code: now() }, { cookie: owner })
    expect(confirmed.body.codes).toHaveLength(10)
    expect((await signIn('owner@example.org')).body.error).toMatchObject({ code: 'totp_required', param: 'code' })
    // The one that confirmed is used.
    const next = codeAt(secret, stepOf(Date.now()) + 1)
    const both = await Promise.all([next, next].map((code) => signIn('owner@example.org', password, code)))
    expect(both.map(({ status }) => status).sort()).toEqual([204, 401])
    const [paper] = confirmed.body.codes
    expect((await signIn('owner@example.org', password, paper)).status).toBe(204)
    expect((await signIn('owner@example.org', password, paper)).status).toBe(401)
    expect((await ask('GET', '/api/account', undefined, { cookie: owner })).body).toMatchObject({ recovery_codes: 9 })
    const removed = await ask('POST', '/api/account/totp/remove', { password }, { cookie: owner })
    expect(removed.status).toBe(204)
  })
})

describe('organizations', () => {
  it('invite people, who are then what they were invited as', async () => {
    const wish = { email: 'Ada@example.org', role: 'member' }
    const made = await ask('POST', '/api/organization/invitations', wish, { cookie: owner })
    expect(made.status).toBe(201)
    const { secret } = made.body
    expect((await ask('POST', '/api/invitations/look', { secret })).body).toMatchObject({ email: 'ada@example.org' })
    const accept = { secret, name: 'Ada', password }
    const accepted = await ask('POST', '/api/invitations/accept', accept)
    expect(accepted.body).toMatchObject({ role: 'member', project_id: null })
    expect((await ask('POST', '/api/invitations/accept', accept)).status).toBe(404)
    const cookie = accepted.cookie ?? ''
    expect((await ask('GET', '/v1/models', undefined, { cookie })).status).toBe(200)
    expect((await ask('GET', '/api/organization/members', undefined, { cookie })).status).toBe(403)
    const escalate = await ask('POST', '/api/organization/invitations', { ...wish, role: 'owner' }, { cookie })
    expect(escalate.status).toBe(403)
  })

  it('keep an owner, and shut somebody out at once', async () => {
    const { cookie = '' } = await signIn('ada@example.org')
    const me = (await ask('GET', '/api/account', undefined, { cookie })).body
    const key = (await ask('POST', '/api/keys', { name: 'ada' }, { cookie })).body.key
    expect((await ask('GET', '/v1/models', undefined, { key })).status).toBe(200)
    const members = '/api/organization/members'
    const lower = await ask('PUT', `${members}/${ownerId}`, { role: 'member' }, { cookie: owner })
    expect(lower.body.error).toMatchObject({ code: 'conflict' })
    const disabled = await ask('PUT', `${members}/${me.id}/disabled`, { disabled: true }, { cookie: owner })
    expect(disabled.body).toMatchObject({ disabled: true })
    expect((await ask('GET', '/v1/models', undefined, { key })).status).toBe(401)
    expect((await ask('GET', '/v1/models', undefined, { cookie })).status).toBe(401)
    expect((await signIn('ada@example.org')).status).toBe(401)
    await ask('PUT', `${members}/${me.id}/disabled`, { disabled: false }, { cookie: owner })
    expect((await ask('GET', '/v1/models', undefined, { key })).status).toBe(200)
    await ask('DELETE', `${members}/${me.id}`, undefined, { cookie: owner })
    expect((await ask('GET', '/v1/models', undefined, { key })).status).toBe(401)
    const acts = (await keeping.store.audit.list('org-local')).data.map(({ action }) => action)
    expect(acts).toEqual(expect.arrayContaining(['member.removed', 'person.disabled', 'key.created', 'person.created']))
    expect(await keeping.store.audit.verify()).toEqual([])
  })
})

describe('keys', () => {
  const make = (wish: object, as: Asked = { cookie: owner }) => ask('POST', '/api/keys', { name: 'k', ...wish }, as)

  it('are said once, kept as a hash, and revoked at once', async () => {
    const made = await make({})
    expect(made.body.key).toMatch(/^dl-[\w-]{43}$/)
    const listed = await ask('GET', '/api/keys', undefined, { cookie: owner })
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key)
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain(made.body.id)
    expect((await ask('GET', '/v1/models', undefined, { headers: { 'x-api-key': made.body.key } })).status).toBe(200)
    expect((await ask('DELETE', `/api/keys/${made.body.id}`, undefined, { cookie: owner })).status).toBe(204)
    expect((await ask('GET', '/v1/models', undefined, { key: made.body.key })).status).toBe(401)
  })

  it('hold to their scopes, models, addresses and time', async () => {
    const reading = (await make({ scopes: ['read'] })).body.key
    expect((await ask('GET', '/v1/models', undefined, { key: reading })).status).toBe(200)
    const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }] }
    const refused = await ask('POST', '/v1/chat/completions', chat, { key: reading })
    expect(refused.status).toBe(403)
    expect(refused.body.error.message).toContain('models.use')
    const other = (await make({ models: ['other'] })).body.key
    expect((await ask('GET', '/v1/models', undefined, { key: other })).body.data).toEqual([])
    expect((await ask('POST', '/v1/chat/completions', chat, { key: other })).status).toBe(404)
    const elsewhere = (await make({ addresses: ['10.0.0.0/8'] })).body.key
    expect((await ask('GET', '/v1/models', undefined, { key: elsewhere })).status).toBe(403)
    const here = (await make({ addresses: ['127.0.0.0/8'] })).body.key
    expect((await ask('GET', '/v1/models', undefined, { key: here })).status).toBe(200)
    expect((await make({ addresses: ['10.0.0.0/33'] })).body.error).toMatchObject({ param: 'addresses' })
    expect((await make({ scopes: ['everything'] })).body.error).toMatchObject({ param: 'scopes' })
    expect((await make({ expires_at: 1 })).body.error).toMatchObject({ param: 'expires_at' })
  })

  it('make none that is wider than they are', async () => {
    const expires_at = Math.floor(Date.now() / 1000) + 3600
    const wish = { scopes: ['keys.write', 'read'], models: ['scripted'], addresses: ['127.0.0.0/8'], expires_at }
    const key = (await make(wish)).body.key
    const child = await make({}, { key })
    expect(child.body).toMatchObject({ ...wish, name: 'k' })
    for (const [wider, param] of [
      [{ scopes: ['all'] }, 'scopes'],
      [{ scopes: ['models.use'] }, 'scopes'],
      [{ models: ['scripted', 'other'] }, 'models'],
      [{ addresses: ['0.0.0.0/0'] }, 'addresses'],
      [{ expires_at: expires_at + 1 }, 'expires_at'],
      [{ project_id: null }, 'project_id'],
    ] as const)
      expect((await make(wider, { key })).body.error).toMatchObject({ code: 'insufficient_permissions', param })
    expect((await ask('GET', '/api/account', undefined, { key })).status).toBe(403)
  })

  it('are not sent twice, and not in the address', async () => {
    const { key } = (await make({})).body
    const two = { authorization: `Bearer ${key}`, 'x-api-key': `${key}x` }
    expect((await ask('GET', '/v1/models', undefined, { headers: two })).status).toBe(401)
    expect((await ask('GET', `/v1/models?api_key=${key}`)).status).toBe(401)
    const same = { authorization: `Bearer ${key}`, 'x-api-key': key }
    expect((await ask('GET', '/v1/models', undefined, { headers: same })).status).toBe(200)
  })

  it('are not kept with an Idempotency-Key either', async () => {
    const headers = { 'idempotency-key': 'once', cookie: `${sessionCookie}=${owner}`, origin: 'http://localhost' }
    expect((await make({}, { headers })).status).toBe(201)
    expect((await make({}, { headers })).body.error).toMatchObject({ code: 'conflict' })
  })
})

it('an account has five tries in a quarter of an hour by the clock, whether it is there or not', async () => {
  const tries = async (email: string) => {
    const seen: number[] = []
    for (let n = 0; n < 7; n++) seen.push((await signIn(email, 'wrong')).status)
    return seen
  }
  const known = await tries('owner@example.org')
  expect(known).toContain(429)
  // Where a quarter began in between, there are five more.
  expect(known.filter((status) => status === 401).length).toBeLessThanOrEqual(7)
  expect((await tries('eve@example.org')).at(-1)).toBe(429)
})
