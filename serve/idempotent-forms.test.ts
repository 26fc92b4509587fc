/** `Idempotency-Key` on forms: a file is kept once, whatever its client repeats, also after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

const silent = { tokens: () => [] }
let folder: string
let server: KeepingServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-idempotent-forms-'))
  server = await serveKeeping(silent, {}, folder)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

interface Sent {
  text?: string
  name?: string
  fields?: Record<string, string>
}

const form = (field: string, { text = 'some bytes', name = 'a.txt', fields = {} }: Sent, behind = false) => {
  const made = new FormData()
  const file = () => made.append(field, new Blob([text]), name)
  if (!behind) file()
  for (const [key, value] of Object.entries(fields)) made.append(key, value)
  if (behind) file()
  return made
}

const send = async (path: string, body: FormData, key: string) => {
  const reply = await fetch(`${server.url}${path}`, { method: 'POST', body, headers: { 'idempotency-key': key } })
  const again = reply.headers.get('idempotent-replayed') === 'true'
  return { status: reply.status, again, body: (await reply.json()) as { id: string; error?: { code: string } } }
}
const file = (sent: Sent, key: string, behind = false) =>
  send('/v1/files', form('file', { fields: { purpose: 'user_data' }, ...sent }, behind), key)

it('a file is kept once; the same form has the same answer, in any order of its fields, also after a restart', async () => {
  const first = await file({}, 'one')
  expect(first).toMatchObject({ status: 200, again: false })
  expect(await file({}, 'one', true)).toEqual({ ...first, again: true })
  await server.close()
  server = await serveKeeping(silent, {}, folder)
  expect(await file({}, 'one')).toEqual({ ...first, again: true })
  expect(await server.files()).toEqual([first.body.id])
  const other = await file({}, 'two')
  expect(other.body.id).not.toBe(first.body.id)
})

it('twenty twins at once are one file', async () => {
  const before = await server.files()
  const sent = await Promise.all(Array.from({ length: 20 }, () => file({ text: 'twin' }, 'twins')))
  expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(sent.map(({ body }) => body.id)).size).toBe(1)
  expect(await server.files()).toHaveLength(before.length + 1)
})

it('other bytes, another name, other fields or another address are a 409, and change nothing', async () => {
  const first = await file({}, 'other')
  const before = await server.files()
  const others = [
    await file({ text: 'Some bytes' }, 'other'),
    await file({ name: 'b.txt' }, 'other'),
    await file({ fields: { purpose: 'evals' } }, 'other'),
  ]
  for (const { status, body } of others)
    expect({ status, code: body.error?.code }).toEqual({ status: 409, code: 'idempotency_conflict' })
  const json = await server.post('/v1/conversations', {}, { 'idempotency-key': 'other' })
  expect(json.status).toBe(409)
  await server.post('/v1/conversations', {}, { 'idempotency-key': 'json' })
  expect((await file({}, 'json')).status).toBe(409)
  expect(await server.files()).toEqual(before)
  expect((await file({}, 'other')).body.id).toBe(first.body.id)
})

it('is free again where nothing was made, and is refused where it is no key', async () => {
  expect((await file({ fields: { purpose: 'nonsense' } }, 'free')).status).toBe(400)
  expect(await file({}, 'free')).toMatchObject({ status: 200, again: false })
  expect((await file({}, 'a b')).status).toBe(400)
})

it('a part of an upload is added once, and said again after the upload is complete', async () => {
  const begun = await server.post('/v1/uploads', {
    filename: 'w.txt',
    purpose: 'user_data',
    bytes: 10,
    mime_type: 'text/plain',
  })
  const { id } = (await begun.json()) as { id: string }
  const part = () => send(`/v1/uploads/${id}/parts`, form('data', {}), 'part')
  const first = await part()
  expect(first).toMatchObject({ status: 200, again: false })
  expect(await part()).toEqual({ ...first, again: true })
  const complete = () =>
    server.post(`/v1/uploads/${id}/complete`, { part_ids: [first.body.id] }, { 'idempotency-key': 'complete' })
  const done = await (await complete()).json()
  expect(done).toMatchObject({ status: 'completed', file: { bytes: 10 } })
  expect(await (await complete()).json()).toEqual(done)
  expect(await part()).toEqual({ ...first, again: true })
})
