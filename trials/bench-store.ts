/** How fast the store is: durable writes of many callers; over HTTP, the first page of many conversations and search in many messages. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { seededRandom } from '#data/shuffle'
import { openKeeping } from '#serve/keeping'
import { localOwner } from '#serve/local-owner'
import type { Store } from '#store/open'
import { Figures } from '#trials/figures'
import { sentence, words } from './durable/sentences.ts'
import { startNode } from './nodes/started.ts'

/**
 * `--messages` (20000; 1000000 is what the goal speaks of) and `--conversations` (10000) fill a new database,
 * `--seconds` (3) for each measurement, `--url` for an empty PostgreSQL database.
 */
export async function main(args: string[]): Promise<void> {
  const options = {
    messages: { type: 'string', default: '20000' },
    conversations: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '3' },
    url: { type: 'string' },
  } as const
  const { values } = parseArgs({ args, strict: false, options })
  const [messages, conversations, seconds] = [values.messages, values.conversations, values.seconds].map(Number)
  const figures = new Figures('npm run bench -- store')
  const folder = mkdtempSync(join(tmpdir(), 'dotline-bench-store-'))
  const url = typeof values.url === 'string' ? values.url : undefined
  const keeping = await openKeeping({ folder, url }, console.error)
  const { store } = keeping
  let closed = false
  try {
    // Who asks the server below, where there are no accounts.
    const { organisation, owner } = await localOwner(store)
    await benchWrites(store, organisation, owner, seconds, figures)
    await fill(store, owner, conversations, messages)
    figures.record('store.conversations', conversations, '')
    figures.record('store.messages', messages, '')
    await benchReads(store, owner, seconds, figures)
    await keeping.close()
    closed = true
    await benchHttp(folder, url, seconds, figures)
  } finally {
    if (!closed) await keeping.close()
    rmSync(folder, { recursive: true, force: true })
  }
  figures.finish()
}

async function benchWrites(
  store: Store,
  organisation: string,
  owner: string,
  seconds: number,
  figures: Figures,
): Promise<void> {
  const request = { project: '', person: '', key: '', model: 'm', kind: 'chat', request: 'r', tokens: 1, charges: [] }
  const reserve = () => store.usage.reserve(organisation, request)
  await timed(200, reserve)
  const alone = await forSeconds(seconds, 1, reserve)
  figures.record('store.write_alone_p50', quantile(alone, 0.5), 'ms')
  figures.record('store.write_alone_p95', quantile(alone, 0.95), 'ms')
  const crowd = await forSeconds(seconds, 256, reserve)
  figures.record('store.inserts', crowd.length / seconds, 'durable inserts/s')
  figures.record('store.inserts_p95', quantile(crowd, 0.95), 'ms with 256 callers')
  const { id } = await store.conversations.create(owner, { title: 'writes' })
  const random = seededRandom(1)
  const said = await forSeconds(seconds, 256, () => {
    const text = sentence(random)
    return store.conversations.addMessage(owner, id, { parent: null, role: 'user', content: text, text })
  })
  figures.record('store.messages_written', said.length / seconds, 'durable, indexed messages/s')
  await store.conversations.delete(owner, id)
}

/** Some conversations hold many messages, most hold few. */
async function fill(store: Store, owner: string, conversations: number, messages: number): Promise<void> {
  const random = seededRandom(2)
  const ids: string[] = []
  await inGroups(
    conversations,
    async (at) => {
      ids[at] = `conv_${at}`
      return store.plan.conversations.create(owner, { id: ids[at], title: sentence(random).slice(0, 40) })
    },
    store,
  )
  await inGroups(
    messages,
    async () => {
      const text = sentence(random)
      const conversation = ids[Math.floor(ids.length * random() ** 2)]
      return store.plan.conversations.addMessage(owner, conversation, {
        parent: null,
        role: 'user',
        content: text,
        text,
      })
    },
    store,
  )
}

async function inGroups(
  count: number,
  call: (at: number) => Promise<ReturnType<Store['plan']['conversations']['get']> | object>,
  store: Store,
): Promise<void> {
  const size = 200
  for (let from = 0; from < count; from += size) {
    const calls = await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, at) => call(from + at)))
    await store.together(calls as Parameters<Store['together']>[0])
    if (from % 50_000 === 0 && from > 0) console.log(`${from} of ${count}`)
  }
}

async function benchReads(store: Store, owner: string, seconds: number, figures: Figures): Promise<void> {
  const page = await forSeconds(seconds, 1, () => store.conversations.list(owner, { limit: 30 }))
  figures.record('store.first_page_p95', quantile(page, 0.95), 'ms')
  const random = seededRandom(3)
  const asked = words.flatMap((word, at) => (at % 40 === 0 ? [word] : []))
  const queries = [...asked, '北京', '天气 北京', 'of the', 'zyzzyva', '"more than"']
  await timed(queries.length, (at) => store.search.messages(owner, queries[at]))
  const search = await forSeconds(seconds, 1, () =>
    store.search.messages(owner, queries[Math.floor(random() * queries.length)]),
  )
  figures.record('store.search_p50', quantile(search, 0.5), 'ms')
  figures.record('store.search_p95', quantile(search, 0.95), 'ms')
}

/** What people look for: made words from the most frequent to the rarest, English, Chinese, what is nowhere. */
const latin = [
  ...words.filter((_, at) => at % 40 === 0),
  'of the',
  'zyzzyva',
  '"more than"',
  'deploy',
  'answer question',
]
const chinese = ['北京', '天气 北京', '北京天气', '的', '一是', '中国', '工', '学法', '电家', '鑫']

/** A server in a process of its own, asked as the page asks it. */
async function benchHttp(folder: string, url: string | undefined, seconds: number, figures: Figures): Promise<void> {
  const node = await startNode(folder, url)
  const get = async (path: string) => {
    const reply = await fetch(node.url + path)
    const text = await reply.text()
    if (!reply.ok) throw new Error(`${path} replied ${reply.status}: ${text.slice(0, 300)}`)
  }
  try {
    const list = () => get('/api/conversations?limit=30')
    await timed(20, list)
    const page = await forSeconds(seconds, 1, list)
    figures.record('store.http.first_page_p95', quantile(page, 0.95), 'ms', { op: '<=', value: 50 })
    for (const [name, queries] of Object.entries({ latin, chinese })) {
      const find = (at: number) =>
        get(`/api/conversations/search?q=${encodeURIComponent(queries[at % queries.length])}`)
      const first = await timed(queries.length, find)
      let at = 0
      const found = await forSeconds(seconds, 1, () => find(at++))
      figures.record(`store.http.search_${name}_first`, Math.max(...first), 'ms at most, the first time')
      figures.record(`store.http.search_${name}_p50`, quantile(found, 0.5), 'ms')
      figures.record(`store.http.search_${name}_p95`, quantile(found, 0.95), 'ms', { op: '<=', value: 200 })
    }
  } finally {
    await node.kill()
  }
}

async function timed(count: number, call: (at: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let at = 0; at < count; at++) {
    const from = performance.now()
    await call(at)
    took.push(performance.now() - from)
  }
  return took
}

/** So many callers, each calling again as soon as it is answered. */
async function forSeconds(seconds: number, callers: number, call: () => Promise<unknown>): Promise<number[]> {
  const end = performance.now() + seconds * 1000
  const took: number[] = []
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const from = performance.now()
      await call()
      took.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return took
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
