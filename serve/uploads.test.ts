/** `/v1/uploads`, by OpenAI's own client over real HTTP. */
import { createHash, randomBytes } from 'node:crypto'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { uploadSchema } from '#wire/uploads'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
let client: OpenAI
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => [] })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())

const begin = (bytes: number, more: object = {}) =>
  client.uploads.create({ bytes, filename: 'whole.jsonl', mime_type: 'text/jsonl', purpose: 'batch', ...more })
const add = async (upload: string, data: Buffer) =>
  (await client.uploads.parts.create(upload, { data: await toFile(data, 'part') })).id
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex')

it('parts become one file, in the order in which they are named, once', async () => {
  const pieces = [randomBytes(70_000), randomBytes(1), randomBytes(30_000)]
  const whole = Buffer.concat(pieces)
  const upload = await begin(whole.length, { expires_after: { anchor: 'created_at', seconds: 7200 } })
  expect(uploadSchema.parse(upload)).toEqual(upload)
  expect(upload).toMatchObject({ status: 'pending', file: null, filename: 'whole.jsonl', purpose: 'batch' })
  const [last, first, middle] = [
    await add(upload.id, pieces[2]),
    await add(upload.id, pieces[0]),
    await add(upload.id, pieces[1]),
  ]
  expect(first).toMatch(/^part_/)
  const part_ids = [first, middle, last]
  expect((await client.files.list()).data).toEqual([])
  await expect(client.files.retrieve(first.replace('part_', 'file-'))).rejects.toMatchObject({ status: 404 })
  const wrong = client.uploads.complete(upload.id, { part_ids, md5: md5(pieces[0]) })
  await expect(wrong).rejects.toMatchObject({ status: 400, code: 'invalid_value', param: 'md5' })
  const few = client.uploads.complete(upload.id, { part_ids: [first] })
  await expect(few).rejects.toMatchObject({ status: 400, param: 'part_ids', message: expect.stringContaining('70000') })
  const foreign = client.uploads.complete(upload.id, { part_ids: ['part_none'] })
  await expect(foreign).rejects.toMatchObject({ status: 400, param: 'part_ids' })
  const tries = [1, 2, 3].map(() => client.uploads.complete(upload.id, { part_ids, md5: md5(whole) }))
  const done = (await Promise.allSettled(tries)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  expect(done).toHaveLength(1)
  const { file, status } = done[0]
  expect(status).toBe('completed')
  expect(file).toMatchObject({ bytes: whole.length, filename: 'whole.jsonl', purpose: 'batch' })
  expect((file?.expires_at ?? 0) - (file?.created_at ?? 0)).toBeGreaterThan(7190)
  const back = Buffer.from(await (await client.files.content(file?.id ?? '')).arrayBuffer())
  expect(back.equals(whole)).toBe(true)
  expect(await server.files()).toEqual([file?.id])
  await expect(add(upload.id, pieces[1])).rejects.toMatchObject({ status: 409 })
})

it('an upload that is cancelled leaves nothing and takes nothing more', async () => {
  const before = await server.files()
  const upload = await begin(10)
  const part = await add(upload.id, Buffer.alloc(10))
  await expect(add(upload.id, Buffer.alloc(11))).rejects.toMatchObject({ status: 413, param: 'data' })
  expect((await client.uploads.cancel(upload.id)).status).toBe('cancelled')
  expect(await server.files()).toEqual(before)
  await expect(client.uploads.complete(upload.id, { part_ids: [part] })).rejects.toMatchObject({ status: 409 })
  await expect(client.uploads.cancel(upload.id)).rejects.toMatchObject({ status: 409 })
  await expect(client.uploads.cancel('upload_none')).rejects.toMatchObject({ status: 404 })
})

it.each<[object, string]>([
  [{ bytes: 0 }, 'bytes'],
  [{ bytes: 9 * 2 ** 30 }, 'bytes'],
  [{ filename: '' }, 'filename'],
  [{ purpose: 'fun' }, 'purpose'],
  [{ colour: 'red' }, 'colour'],
])('%j is refused by name', async (more, param) => {
  await expect(begin(10, more)).rejects.toMatchObject({ status: 400, param })
})
