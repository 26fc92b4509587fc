import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { backup, restore, verify } from './backup.ts'
import { openStore, type Store } from './open.ts'
import { codeOf, type Someone, someone } from './testing/stage.ts'

const ground = mkdtempSync(join(tmpdir(), 'dotline-backup-'))
const live = join(ground, 'live')
let store: Store
let ada: Someone
let file: { id: string; hash: string }

beforeAll(async () => {
  store = await openStore({ folder: live })
  ada = await someone(store, 'ada')
  const upload = { name: 'a.txt', purpose: 'x', quota: 1e6 }
  file = await store.files.put(ada.owner, upload, [Buffer.from('the bytes of a file')])
  for (let at = 0; at < 30; at++) {
    await store.audit.append(ada.organisation, { actor: 'ada lovelace', action: 'key.created', target: `key_${at}` })
  }
})
afterAll(async () => {
  await store.close()
  rmSync(ground, { recursive: true, force: true })
})

let names = 0
const place = () => join(ground, `place-${names++}`)

/** Changes one byte of a file where `text` stands in it, and says where; another call changes it back. */
function flip(path: string, text: string, from = 0): number {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(text, from)
  if (at < 0) throw new Error(`${text} is not in ${path}`)
  bytes[at] ^= 1
  writeFileSync(path, bytes)
  return at
}

test('a backup made while people write holds everything acknowledged before it, is whole, and starts', async () => {
  const { id } = await store.conversations.create(ada.owner, { title: 'before' })
  let writing = true
  const writer = (async () => {
    for (let at = 0; writing; at++) {
      const text = `message ${at}`
      await store.conversations.addMessage(ada.owner, id, { parent: null, role: 'user', content: text, text })
    }
  })()
  await store.conversations.create(ada.owner, { title: 'acknowledged' })
  const target = place()
  const made = await backup(live, target)
  writing = false
  await writer
  expect(made.blobs).toBe(1)
  expect(await verify(target)).toEqual([])
  const restored = place()
  await restore(target, restored)
  const again = await openStore({ folder: restored })
  const titles = (await again.conversations.list(ada.owner)).data.map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['acknowledged', 'before'])
  const { data } = await again.conversations.messages(ada.owner, id, { limit: 1000 })
  expect(data.map(({ content }) => content)).toEqual(data.map((_, at) => `message ${at}`))
  const { bytes } = await again.files.content(ada.owner, file.id)
  expect((await buffer(bytes)).toString()).toBe('the bytes of a file')
  await again.close()
  expect(await codeOf(backup(live, target))).toBe('invalid')
  expect(await codeOf(restore(target, live))).toBe('invalid')
  expect(await verify(live)).toEqual([])
})

test('verify finds a flipped byte of the audit log, of a file, and of a backup, which is then not restored', async () => {
  const [restored, target] = [place(), place()]
  await backup(live, target)
  await restore(target, restored)
  const path = join(restored, 'dotline.sqlite')
  const bytes = readFileSync(path)
  let found = 0
  for (let at = bytes.indexOf('ada lovelace'); at >= 0; at = bytes.indexOf('ada lovelace', at + 1)) {
    flip(path, 'ada lovelace', at)
    // Some stand in space that is free: a flip there changes no entry.
    const database = new DatabaseSync(path)
    const changed = database.prepare(`select seq from audit where actor <> 'ada lovelace'`).get()
    database.close()
    const expected = changed
      ? [{ where: `audit ${ada.organisation}`, problem: `entry ${changed.seq} was changed` }]
      : []
    expect(await verify(restored)).toEqual(expected)
    found += expected.length
    writeFileSync(path, bytes)
  }
  expect(found).toBe(30)

  const second = place()
  await restore(target, second)
  flip(join(second, 'blobs', file.hash.slice(0, 2), file.hash), 'bytes')
  expect(await verify(second)).toEqual([{ where: `blob ${file.hash}`, problem: 'was changed' }])
  rmSync(join(second, 'blobs', file.hash.slice(0, 2), file.hash))
  expect(await verify(second)).toEqual([{ where: `blob ${file.hash}`, problem: 'is missing' }])

  flip(join(target, 'dotline.sqlite'), 'ada lovelace')
  expect(await verify(target)).toMatchObject([{ where: 'dotline.sqlite' }])
  expect(await codeOf(restore(target, place()))).toBe('damaged')
})

test('verify names a folder without a database, and a file that is none', async () => {
  expect(await verify(place())).toEqual([{ where: 'dotline.sqlite', problem: 'is missing' }])
  const garbage = mkdtempSync(join(ground, 'garbage-'))
  writeFileSync(join(garbage, 'dotline.sqlite'), 'no database at all '.repeat(500))
  expect(await verify(garbage)).toMatchObject([{ problem: expect.stringMatching(/damaged/) }])
  expect(await codeOf(restore(garbage, place()))).toBe('invalid')
})
