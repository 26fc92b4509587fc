import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import type { Store } from '#store/open'

export interface Place {
  organisation: string
  owner: string
}

/** What a writer was told is kept. */
export interface Acknowledged {
  way: 'message' | 'once' | 'stream' | 'usage' | 'file' | 'deletion' | 'audit'
  number: number
  id: string
  hash?: string
}

export interface Verdict {
  lost: string[]
  duplicated: string[]
}

/** Holds what the store has against what it acknowledged. */
export async function judge(
  store: Store,
  { organisation, owner }: Place,
  all: readonly Acknowledged[],
): Promise<Verdict> {
  const verdict: Verdict = { lost: [], duplicated: [] }
  const of = (way: Acknowledged['way']) => all.filter((each) => each.way === way)
  const miss = ({ way, number }: Acknowledged, what = 'is not there') => verdict.lost.push(`${way} ${number} ${what}`)

  const messages = await allOf((after) => store.conversations.messages(owner, 'conv_all', { limit: 1000, after }))
  const texts = new Map(messages.map(({ id, content }) => [id, content]))
  for (const each of of('message')) if (texts.get(each.id) !== `message ${each.number}`) miss(each)

  const archived = await allOf((after) => store.conversations.list(owner, { archived: true, limit: 100, after }))
  const ids = new Set(archived.map(({ id }) => id))
  for (const each of of('once')) if (!ids.has(each.id)) miss(each)
  for (const each of of('deletion')) if (ids.has(each.id)) miss(each, 'is there again')
  const titles = archived.map(({ title }) => title).filter((title) => title.startsWith('once '))
  const seen = new Set<string>()
  for (const title of titles) {
    if (seen.has(title)) verdict.duplicated.push(title)
    seen.add(title)
  }

  for (const each of of('stream')) {
    const { events, state } = await store.streams
      .read(owner, each.id, -1)
      .catch(() => ({ events: [], state: 'absent' }))
    const whole = events.map(({ data }) => data).join() === 'event 0,event 1,event 2'
    if (!whole || state !== 'finished') miss(each, `is ${state} with ${events.length} events`)
  }
  for (const each of of('file')) if ((await hashOf(store, owner, each.id)) !== each.hash) miss(each)
  await judgeUsage(store, organisation, of('usage'), verdict)

  const entries = await allOf((after) => store.audit.list(organisation, { limit: 1000, after }))
  const targets = new Map(entries.map(({ seq, target }) => [`${seq}`, target]))
  for (const each of of('audit')) if (targets.get(each.id) !== `${each.number}`) miss(each)
  return verdict
}

/** Of a file's bytes as they come back; null where they do not. */
async function hashOf(store: Store, owner: string, id: string): Promise<string | null> {
  try {
    const { bytes } = await store.files.content(owner, id)
    return createHash('sha256')
      .update(await buffer(bytes))
      .digest('hex')
  } catch {
    return null
  }
}

/** Every acknowledged row as it was settled, and the counter of the limit equal to the sum of all rows, to the token. */
async function judgeUsage(
  store: Store,
  organisation: string,
  settled: readonly Acknowledged[],
  verdict: Verdict,
): Promise<void> {
  const rows = await allOf((after) =>
    store.usage.entries(organisation, { from: 0, until: Number.MAX_SAFE_INTEGER, limit: 1000, after }),
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const { id, number } of settled) {
    const row = byId.get(id)
    if (row?.state !== 'settled' || row.input !== number % 7 || row.output !== number % 11)
      verdict.lost.push(`usage ${number}`)
  }
  const sum = rows.reduce((all, row) => all + (row.state === 'settled' ? row.input + row.output : 50), 0)
  const counter = (await store.limits.taken('killed')).find(({ metric }) => metric === 'tokens')?.value ?? 0
  if (counter > sum) verdict.duplicated.push(`the counter says ${counter} tokens, the rows ${sum}`)
  if (counter < sum) verdict.lost.push(`the counter says ${counter} tokens, the rows ${sum}`)
}

async function allOf<T>(page: (after?: string) => Promise<{ data: T[]; next: string | null }>): Promise<T[]> {
  const all: T[] = []
  for (let after: string | undefined; ; ) {
    const { data, next } = await page(after)
    all.push(...data)
    if (next === null) return all
    after = next
  }
}
