/**
 * Several HTTP nodes on one PostgreSQL: an answer that one node writes is read on at another, limits hold across nodes,
 * and what a killed node was at work on is done by another.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { firstOrganisation } from '#guard/access'
import { openKeeping } from '#serve/keeping'
import { findPostgres, howToInstall, startPostgres } from '#store/test-postgres'
import { Figures } from '#trials/figures'
import { events, type Node, post, posted, type Said, startNode } from './nodes/started.ts'

export interface NodesSettings {
  url: string
  nodes: number
  /** Answers that are read on at another node. */
  streams: number
  /** Requests that the limit allows. */
  allowed: number
  /** Kill the node that works on a batch, and wait for another. */
  takeover: boolean
}

/** `--nodes` (2), `--streams` (20), `--allowed` (1000), `--no-takeover`, `--url` of a PostgreSQL (one of its own otherwise). */
export async function main(args: string[]): Promise<void> {
  const options = {
    nodes: { type: 'string', default: '2' },
    streams: { type: 'string', default: '20' },
    allowed: { type: 'string', default: '1000' },
    'no-takeover': { type: 'boolean', default: false },
    url: { type: 'string' },
    log: { type: 'boolean' },
    check: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args, options })
  const bin = findPostgres()
  if (values.url === undefined && bin === null) throw new Error(howToInstall)
  const own = values.url === undefined && bin !== null ? await startPostgres(bin) : null
  const figures = new Figures('npm run trials -- nodes')
  try {
    const url = values.url ?? (await own?.database()) ?? ''
    const [nodes, streams, allowed] = [values.nodes, values.streams, values.allowed].map(Number)
    await tryNodes({ url, nodes, streams, allowed, takeover: !values['no-takeover'] }, figures)
  } finally {
    await own?.stop()
  }
  figures.finish()
}

export async function tryNodes(settings: NodesSettings, figures: Figures): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-nodes-'))
  const nodes: Node[] = []
  try {
    for (let at = 0; at < settings.nodes; at++) nodes.push(await startNode(folder, settings.url))
    await judgeStreams(nodes, settings.streams, figures)
    await judgeResponses(nodes, settings.streams, figures)
    await judgeRequests(nodes, folder, settings, figures)
    await judgeTokens(nodes, folder, settings, figures)
    if (settings.takeover) await judgeTakeover(nodes, folder, settings.url, figures)
  } finally {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
}

const of = <T>(list: readonly T[], at: number): T => list[at % list.length]

const none = { op: '=', value: 0 } as const

/** Conversations: torn off at one node, read on at the next by `Last-Event-ID`, while the first still writes. */
async function judgeStreams(nodes: readonly Node[], count: number, figures: Figures): Promise<void> {
  let [amiss, meanwhile] = [0, 0]
  const one = async (at: number) => {
    const [writer, other] = [of(nodes, at), of(nodes, at + 1)]
    const path = `/api/conversations/conv_nodes${at}/answers`
    const question = { parent: null, question: { id: `msg_q${at}`, text: 'Hello' }, answer: { id: `msg_a${at}` } }
    await posted(writer.url, path, { ...question, create: {} })
    const read = `${path}/msg_a${at}/events`
    const first = await events(writer.url + read, {}, 2 + (at % 10))
    const last = first.at(-1)?.id ?? ''
    const begun = performance.now()
    const rest = await events(other.url + read, { 'last-event-id': last })
    if (performance.now() - begun > 100) meanwhile++
    const whole = await events(other.url + read)
    if (!same([...first, ...rest], whole) || !whole.some(({ data }) => data.includes('"complete"'))) amiss++
  }
  await Promise.all(Array.from({ length: count }, (_, at) => one(at)))
  figures.record('nodes.streams', count, 'answers read on at another node')
  figures.record('nodes.streams_meanwhile', meanwhile, 'of them while they were being written')
  figures.record('nodes.streams_amiss', amiss, 'with events lost, doubled or changed', none)
}

const same = (one: readonly Said[], other: readonly Said[]): boolean => JSON.stringify(one) === JSON.stringify(other)

/** The same with OpenAI's responses in the background, by `starting_after`. */
async function judgeResponses(nodes: readonly Node[], count: number, figures: Figures): Promise<void> {
  let amiss = 0
  const one = async (at: number) => {
    const [writer, other] = [of(nodes, at), of(nodes, at + 1)]
    const body = { model: 'scripted', input: 'hi', background: true, store: true }
    const { id } = await posted<{ id: string }>(writer.url, '/v1/responses', body)
    const read = (from: string) => `/v1/responses/${id}?stream=true&include_obfuscation=false${from}`
    const first = await events(writer.url + read(''), {}, 4 + (at % 10))
    const after = (JSON.parse(first.at(-1)?.data ?? '{}') as { sequence_number: number }).sequence_number
    const rest = await events(other.url + read(`&starting_after=${after}`))
    const whole = await events(other.url + read(''))
    if (!same([...first, ...rest], whole) || !whole.some(({ data }) => data.includes('response.completed'))) amiss++
  }
  await Promise.all(Array.from({ length: count }, (_, at) => one(at)))
  figures.record('nodes.responses_amiss', amiss, `of ${count} responses read on at another node`, none)
}

async function limit(folder: string, url: string, metric: string, maximum: number | null): Promise<void> {
  const { store, close } = await openKeeping({ folder, url }, console.error)
  const subject = { subject: 'organisation', metric, period: 'day' }
  try {
    if (maximum === null) await store.limits.remove(firstOrganisation, subject)
    else {
      const [taken] = (await store.limits.taken(firstOrganisation)).filter((each) => each.metric === metric)
      await store.limits.set(firstOrganisation, { ...subject, maximum: maximum + (taken?.value ?? 0) })
    }
  } finally {
    await close()
  }
  // Every node reads the rules anew after a second.
  await wait(1500)
}

const chat = { model: 'scripted', max_tokens: 4, messages: [{ role: 'user', content: 'hi' }] }

/** Callers of each node, where it is counted what they get: a last one may pass a budget, as it was let in before that was known. */
const callers = 4

/** More requests at once, at all nodes, than the limit allows. */
async function judgeRequests(
  nodes: readonly Node[],
  folder: string,
  { url, allowed }: NodesSettings,
  figures: Figures,
): Promise<void> {
  await limit(folder, url, 'requests', allowed)
  const statuses = new Map<number, number>()
  let left = Math.ceil(allowed * 1.5)
  const work = async (node: Node) => {
    while (left-- > 0) {
      const { status, body } = await post(node.url, '/v1/chat/completions', chat)
      await body?.cancel()
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(nodes.flatMap((node) => Array.from({ length: 24 }, () => work(node))))
  await limit(folder, url, 'requests', null)
  const answered = statuses.get(200) ?? 0
  figures.note(`statuses over ${nodes.length} nodes: ${JSON.stringify(Object.fromEntries(statuses))}`)
  figures.record('nodes.requests_off', (100 * Math.abs(answered - allowed)) / allowed, `% of a limit of ${allowed}`, {
    op: '<=',
    value: 1,
  })
}

/** Tokens of all nodes against one budget: asked for until everybody is refused with nothing under way. */
async function judgeTokens(
  nodes: readonly Node[],
  folder: string,
  { url, allowed }: NodesSettings,
  figures: Figures,
): Promise<void> {
  const each = nodes[0].promptTokens + chat.max_tokens
  const maximum = 2 * allowed * each
  await limit(folder, url, 'tokens', maximum)
  let answered = 0
  const until = async (node: Node) => {
    for (let refused = 0; refused < 3; ) {
      const { status, body } = await post(node.url, '/v1/chat/completions', chat)
      await body?.cancel()
      if (status === 200) answered++
      refused = status === 200 ? 0 : refused + 1
      // What the others reserved and did not need comes back.
      if (status === 429) await wait(300)
    }
  }
  await Promise.all(nodes.flatMap((node) => Array.from({ length: callers }, () => until(node))))
  await limit(folder, url, 'tokens', null)
  const used = answered * each
  figures.record('nodes.tokens_off', (100 * Math.abs(used - maximum)) / maximum, `% of a budget of ${maximum} tokens`, {
    op: '<=',
    value: 1,
  })
}

const patienceMs = 120_000

/** A batch whose node is killed goes on at another. */
async function judgeTakeover(nodes: Node[], folder: string, url: string, figures: Figures): Promise<void> {
  // One node alone takes the batch; the other comes when it is at work.
  await Promise.all(nodes.splice(1).map((node) => node.kill()))
  const [first] = nodes
  // Long enough that it is at work when it is killed.
  const body = { ...chat, max_tokens: 40 }
  const lines = Array.from({ length: 150 }, (_, at) =>
    JSON.stringify({ custom_id: `c${at}`, method: 'POST', url: '/v1/chat/completions', body }),
  )
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', new Blob([lines.join('\n')]), 'lines.jsonl')
  const { id: file } = (await (await fetch(`${first.url}/v1/files`, { method: 'POST', body: form })).json()) as Named
  const order = { input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' }
  const { id } = await posted<Named>(first.url, '/v1/batches', order)
  const batch = async (node: Node) => (await (await fetch(`${node.url}/v1/batches/${id}`)).json()) as Batch
  const reached = async (node: Node, done: (batch: Batch) => boolean): Promise<void> => {
    for (const from = performance.now(); !done(await batch(node)); await wait(50))
      if (performance.now() - from > patienceMs)
        throw new Error(`the batch stands still: ${JSON.stringify(await batch(node))}`)
  }
  await reached(first, ({ request_counts }) => request_counts.completed > 0)
  const second = await startNode(folder, url)
  nodes.push(second)
  await first.kill()
  const killed = performance.now()
  const { completed: before } = (await batch(second)).request_counts
  if (before === lines.length) throw new Error('the batch was over before its node was killed')
  await reached(second, ({ request_counts }) => request_counts.completed > before)
  const seconds = (performance.now() - killed) / 1000
  await reached(second, ({ status }) => status === 'completed')
  const { request_counts: counts } = await batch(second)
  figures.note(`the killed node had done ${before} of ${lines.length} lines`)
  figures.record('nodes.takeover', seconds, 's until another node went on with the batch', { op: '<=', value: 30 })
  figures.record('nodes.takeover_amiss', lines.length - counts.completed, 'lines without an answer', none)
}

interface Named {
  id: string
}

interface Batch {
  status: string
  request_counts: { completed: number }
}
