/**
 * The process that kill-store kills: writes in every way that the store has, several at once, and says on stdout what
 * was acknowledged, a line each. `node writer.ts <folder> <next> [url]`: each way of writing does again what the last
 * process was not told to be done.
 */
import { createHash } from 'node:crypto'
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openStore, type Store } from '#store/open'
import type { Acknowledged, Place } from './acknowledged.ts'

/** Written at once: what stands in a buffer when the signal comes was never said. */
const say = (line: object): void => {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

export async function place(store: Store): Promise<Place> {
  const found = (await store.organisations.list()).find(({ name }) => name === 'killed')
  const organisation = found?.id ?? (await store.organisations.create({ name: 'killed' })).id
  const owner = await store.organisations.owner(organisation, '', '')
  await store.conversations.create(owner, { id: 'conv_all' }).catch(() => {})
  return { organisation, owner }
}

/** One unbroken line of numbers for each way of writing, so that a gap or a repetition is seen. */
const ways: Record<
  Acknowledged['way'],
  (store: Store, at: Place, number: number) => Promise<Omit<Acknowledged, 'way' | 'number'>>
> = {
  async message(store, { owner }, number) {
    const id = 'conv_all'
    const text = `message ${number}`
    const said = await store.conversations.addMessage(owner, id, { parent: null, role: 'user', content: text, text })
    return { id: said.id }
  },
  async once(store, { owner }, number) {
    const call = store.plan.conversations.create(owner, { title: `once ${number}`, archived: true })
    const made = (await store.idempotency.once(owner, `once ${number}`, 'body', call)) as { id: string }
    return { id: made.id }
  },
  async stream(store, { owner }, number) {
    const id = `stream_${number}`
    await store.streams.start(owner, { id }).catch(() => {})
    const { events } = await store.streams.read(owner, id, -1)
    for (let seq = events.length; seq < 3; seq++) await store.streams.append(owner, id, seq, [`event ${seq}`])
    await store.streams.finish(owner, id, 'finished')
    return { id }
  },
  async usage(store, { organisation }, number) {
    const charge = { subject: 'killed', metric: 'tokens', start: 0, until: Number.MAX_SAFE_INTEGER }
    const request = { project: '', person: '', key: '', model: 'm', kind: 'chat', request: `${number}`, tokens: 50 }
    const { id } = await store.usage.reserve(organisation, {
      ...request,
      charges: [{ ...charge, amount: 50, maximum: 1e12 }],
    })
    await store.usage.settle(organisation, id, { input: number % 7, cached: 0, output: number % 11 })
    return { id }
  },
  async file(store, { owner }, number) {
    const bytes = Buffer.from(`file ${number} `.repeat(500 + (number % 100)))
    const file = await store.files.put(owner, { name: `${number}`, purpose: 'x', quota: 1e12 }, [bytes])
    return { id: file.id, hash: createHash('sha256').update(bytes).digest('hex') }
  },
  async deletion(store, { owner }, number) {
    const { id } = await store.conversations.create(owner, { title: `gone ${number}`, archived: true })
    await store.conversations.delete(owner, id)
    return { id }
  },
  async audit(store, { organisation }, number) {
    const entry = await store.audit.append(organisation, { actor: 'writer', action: 'wrote', target: `${number}` })
    return { id: `${entry.seq}` }
  },
}

async function write(folder: string, next: Record<string, number>, url: string | undefined): Promise<void> {
  const store = await openStore({ folder, url })
  const at = await place(store)
  say({ ready: true })
  const line = async (way: Acknowledged['way']): Promise<never> => {
    for (let number = next[way] ?? 0; ; number++) say({ way, number, ...(await ways[way](store, at, number)) })
  }
  await Promise.all((Object.keys(ways) as Acknowledged['way'][]).map(line))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , folder, next, url] = process.argv
  await write(folder, JSON.parse(next), url || undefined)
}
