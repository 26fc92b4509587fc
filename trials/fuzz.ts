/** Generated bodies at every address that takes one: a refusal that names its field, or a valid answer, and nothing else. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { Figures } from '#trials/figures'
import { things } from './access/things.ts'
import { type Address, addressesOf } from './fuzz/addresses.ts'
import { type Reply, send } from './fuzz/client.ts'
import { type Known, pick, sample } from './fuzz/documents.ts'
import { type Harmed, harm, harmedForm } from './fuzz/harm.ts'
import { faultOf } from './fuzz/judge.ts'
import type { Told } from './fuzz/server.ts'

const program = fileURLToPath(new URL('./fuzz/server.ts', import.meta.url))

/** `--bodies` (5000; the goal speaks of 100,000), `--seed` (1), `--only` a part of an address. */
export async function main(args: string[]): Promise<void> {
  const options = {
    bodies: { type: 'string', default: '5000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const figures = new Figures(`npm run trials -- fuzz --bodies ${values.bodies} --seed ${values.seed}`)
  tell(await fuzz(Number(values.bodies), Number(values.seed), values.only), figures)
  figures.finish()
}

export interface Found {
  addresses: number
  answered: number
  refused: number
  /** A sentence for each reply that is neither a refusal in form nor a valid answer. */
  faults: string[]
  /** Refusals that had the engine called, what nobody caught, and whether the server ended. */
  called: string[]
  uncaught: string[]
  exits: number
  /** From the arrival of a request to the end of its refusal, as the server has it, ms; by kind of body. */
  times: Map<string, number[]>
}

function tell({ addresses, answered, refused, faults, called, uncaught, exits, times }: Found, figures: Figures): void {
  for (const line of faults.slice(0, 50)) figures.note(line)
  for (const line of [...uncaught, ...called].slice(0, 20)) figures.note(line)
  const none = { op: '=', value: 0 } as const
  figures.record('fuzz.addresses', addresses, '')
  figures.record('fuzz.answered', answered, 'bodies')
  figures.record('fuzz.refused', refused, 'bodies')
  figures.record('fuzz.faults', faults.length, 'replies that are no refusal in form and no valid answer', none)
  figures.record('fuzz.engine_calls', called.length, 'of refused bodies', none)
  figures.record('fuzz.exits', exits, '', none)
  figures.record('fuzz.uncaught', uncaught.length, 'rejections that nobody handled', none)
  for (const [kind, all] of times)
    figures.note(`${kind}: ${all.length} refused, p50 ${at(all, 0.5)}, p99 ${at(all, 0.99)} ms`)
  figures.record('fuzz.refusal_p99', at([...times.values()].flat(), 0.99), 'ms', { op: '<=', value: 10 })
}

const at = (all: readonly number[], share: number): number =>
  Number((all.toSorted((a, b) => a - b)[Math.floor(all.length * share)] ?? 0).toFixed(2))

/** Sends so many bodies, one after the other. */
export async function fuzz(bodies: number, seed: number, only = ''): Promise<Found> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-fuzz-'))
  const site = await open(folder)
  try {
    const random = seededRandom(seed)
    const addresses = addressesOf(JSON.parse(site.openapi)).filter(({ pattern }) => pattern.includes(only))
    const ids = await made(site)
    const found: Found = {
      addresses: addresses.length,
      answered: 0,
      refused: 0,
      faults: [],
      called: [],
      uncaught: [],
      exits: 0,
      times: new Map(),
    }
    for (let left = bodies; left > 0 && site.child.exitCode === null; left--)
      await one(site, pick(addresses, random), ids, random, found)
    await report(site, found)
    return found
  } finally {
    site.child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Site {
  child: ChildProcess
  url: string
  headers: Readonly<Record<string, string>>
  other: string
  openapi: string
  /** Refused requests, and the kinds of their bodies. */
  refusals: Map<string, string>
  /** How long each request took, ms. */
  ended: Map<string, number>
}

async function open(folder: string): Promise<Site> {
  const child = fork(program, [folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const ended = new Map<string, number>()
  const [told] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Told]
  if (typeof told !== 'object' || told.kind !== 'listening') throw new Error('the server ended before it listened')
  child.on('message', (each: Told) => {
    if (each.kind === 'ended') ended.set(each.id, each.seconds * 1000)
  })
  const { url, cookie, other, openapi } = told
  return {
    child,
    url,
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    other,
    openapi,
    refusals: new Map(),
    ended,
  }
}

/** Things of the one who asks, so that bodies get beyond the question whether there is such a thing. */
async function made(site: Site): Promise<Map<string, string>> {
  const ask = async (method: string, path: string, payload?: unknown, more: Record<string, string> = {}) => {
    const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload ?? {}))
    const headers = { 'content-type': 'application/json', ...site.headers, ...more }
    const reply = await send({ method, url: site.url + path, headers, bytes })
    if (reply.status === null || reply.status >= 300) throw new Error(`${method} ${path}: ${reply.text || reply.error}`)
    return JSON.parse(reply.text)
  }
  const ids = new Map<string, string>()
  for (const [field, make] of Object.entries(things)) if (make !== null) ids.set(field, await make(ask))
  const question = { parent: null, question: { id: 'msg_question', text: 'a' }, answer: { id: 'msg_answer' } }
  await ask('POST', `/api/conversations/${ids.get('id')}/answers`, question)
  for (const field of ['answer', 'message']) ids.set(field, 'msg_answer')
  ids.set('person', site.other)
  for (const field of ['project', 'project_id'])
    ids.set(field, (await ask('POST', '/api/organization/projects', { name: field })).id)
  return ids
}

async function one(
  site: Site,
  address: Address,
  ids: Map<string, string>,
  random: () => number,
  found: Found,
): Promise<void> {
  const { method, pattern } = address
  const path = pattern.replaceAll(/:(\w+)/g, (_, field) => ids.get(field) ?? 'none')
  const body = bodyFor(address, ids, random)
  const { kind, bytes, contentType = 'application/json', chunked } = body
  const type: Record<string, string> = contentType === null ? {} : { 'content-type': contentType }
  const reply = await send({ method, url: site.url + path, headers: { ...site.headers, ...type }, bytes, chunked })
  const fault = faultOf(path, method, bytes, reply)
  if (fault !== null) found.faults.push(`${method} ${pattern} (${kind}, ${shown(bytes)}): ${fault}`)
  note(site, kind, reply, found)
  if (/limits$/.test(pattern) && reply.status === 200) await unlimited(site, reply.text)
}

const shown = (bytes: Buffer) =>
  bytes.length > 400 ? `${bytes.length} bytes: ${bytes.subarray(0, 200)}…` : String(bytes)

function bodyFor({ pattern, body, form }: Address, ids: Map<string, string>, random: () => number): Harmed {
  if (form) return harmedForm(pattern.endsWith('parts') ? 'data' : 'file', random)
  if (body === null) return harm({ fields: [] }, random)
  const known: Known = {
    model: 'scripted',
    input_file_id: ids.get('file_id'),
    previous_response_id: null,
    conversation: null,
    folder: null,
    parent: null,
    leaf: null,
    project_id: null,
    expires_at: 9_999_999_999,
    subject: 'person:nobody',
    endpoint: '/v1/chat/completions',
    id: `x${Math.floor(random() * 1e12)}`,
  }
  return harm(sample(body, random, known), random)
}

/** Notes how a body went; how long its refusal took comes by the server's own way. */
function note(site: Site, kind: string, { status, id, text }: Reply, found: Found): void {
  if (status === null) return
  if (status < 400) found.answered++
  else found.refused++
  // To look at a password takes its time on purpose, and is no judgement on a body.
  if (status >= 400 && !/"invalid_credentials"/.test(text)) site.refusals.set(id, kind)
}

/** A limit that was set by accident would refuse all that comes after it. */
async function unlimited({ url, headers }: Site, text: string): Promise<void> {
  const { subject, metric, period } = JSON.parse(text) as Record<string, string>
  const query = new URLSearchParams({ subject, metric, period })
  await send({ method: 'DELETE', url: `${url}/v1/organization/limits?${query}`, headers, bytes: Buffer.alloc(0) })
}

async function report({ child, refusals, ended }: Site, found: Found): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    found.exits++
    return
  }
  const told = new Promise<Told & { kind: 'report' }>((resolve) =>
    child.on('message', (each: Told) => {
      if (each.kind === 'report') resolve(each)
    }),
  )
  child.send('report')
  const { called, uncaught, logged } = await told
  for (const [id, kind] of refusals) {
    const ms = ended.get(id)
    const times = found.times.get(kind) ?? []
    if (ms !== undefined) times.push(ms)
    found.times.set(kind, times)
  }
  found.called.push(...called)
  found.uncaught.push(...uncaught)
  for (const line of logged.slice(0, 20)) found.faults.push(`logged: ${line.slice(0, 600)}`)
}
