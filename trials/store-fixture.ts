/**
 * Keeps a small database of the present schema version under store/fixtures, which later versions must still open. Run
 * once when a version is released; a file that is there is never written again.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { openStore, type Store } from '#store/open'

const kept = fileURLToPath(new URL('../store/fixtures/', import.meta.url))

export async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-fixture-'))
  try {
    const store = await openStore({ folder, clock: () => 1_700_000_000_000 })
    await fill(store)
    await store.close()
    const file = join(folder, 'dotline.sqlite')
    const database = new DatabaseSync(file)
    const row = database.prepare('select max(version) as version from schema_versions').get()
    database.exec('vacuum; pragma wal_checkpoint(truncate)')
    database.close()
    const target = join(kept, `version-${row?.version}.sqlite.gz`)
    if (existsSync(target)) throw new Error(`${target} is there: a version that was released stays as it was`)
    mkdirSync(kept, { recursive: true })
    writeFileSync(target, gzipSync(readFileSync(file), { level: 9 }))
    console.log(`kept as ${target}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What store/migrations.test.ts looks for in every kept version. */
async function fill(store: Store): Promise<void> {
  const { id: organisation } = await store.organisations.create({ id: 'org-kept', name: 'Kept' })
  const { id: project } = await store.organisations.createProject(organisation, { id: 'proj_kept', name: 'first' })
  const { id: person } = await store.accounts.create({ email: 'kept@example.org', name: 'Kept', password: 'scrypt$x' })
  await store.organisations.setMember(organisation, person, '', 'owner')
  const owner = await store.organisations.owner(organisation, project, person)
  const key = { project, person, name: 'ci', hash: 'key-hash', prefix: 'dl-kept', scopes: ['chat'] }
  await store.keys.create(organisation, key)
  const { id } = await store.conversations.create(owner, { id: 'conv_kept', title: 'Kept 点线' })
  const say = (message: string, parent: string | null, text: string) =>
    store.conversations.addMessage(owner, id, { id: message, parent, role: 'user', content: text, text })
  await say('msg_1', null, 'Where is 北京?')
  await say('msg_2', 'msg_1', 'In the north.')
  await say('msg_3', 'msg_1', 'In China.')
  await store.prices.set(organisation, { model: '*', since: 0, currency: 'EUR', input: 1e6, cached: 0, output: 1e6 })
  const use = { project, person, key: '', model: 'small', kind: 'chat', request: 'r', tokens: 9, charges: [] }
  const { id: reserved } = await store.usage.reserve(organisation, use)
  await store.usage.settle(organisation, reserved, { input: 3, cached: 0, output: 4 })
  for (const target of ['a', 'b', 'c'])
    await store.audit.append(organisation, { actor: person, action: 'kept', target })
  await store.idempotency.once(owner, 'kept', 'body', store.plan.conversations.create(owner, { id: 'conv_once' }))
}
