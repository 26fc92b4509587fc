/** `/v1/files`, by OpenAI's own client over real HTTP and by requests that it would never send. */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileSchema } from '#wire/files'
import { limits } from '#wire/limits'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

let server: KeepingServer
let client: OpenAI
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => ['a'] })
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())

const incoming = () => readdirSync(join(server.folder, 'blobs', 'incoming'))
const form = (fields: [string, string | Blob, string?][]) => {
  const made = new FormData()
  for (const [name, value, file] of fields) {
    if (typeof value === 'string') made.append(name, value)
    else made.append(name, value, file)
  }
  return made
}
const send = async (body: FormData) => {
  const reply = await fetch(`${server.url}/v1/files`, { method: 'POST', body })
  return { status: reply.status, body: (await reply.json()) as { error: { code: string; param: string | null } } }
}
const blob = new Blob(['x'])

describe('the official client', () => {
  it('uploads, finds, lists, reads and deletes a file', async () => {
    const bytes = randomBytes(300_000)
    const file = await client.files.create({ file: await toFile(bytes, '数据 1.bin'), purpose: 'user_data' })
    expect(fileSchema.parse(file)).toEqual(file)
    expect(file).toMatchObject({ bytes: 300_000, filename: '数据 1.bin', purpose: 'user_data', status: 'processed' })
    expect(file.expires_at).toBeUndefined()
    expect(await client.files.retrieve(file.id)).toEqual(file)
    const content = await client.files.content(file.id)
    expect(content.headers.get('content-type')).toBe('application/octet-stream')
    expect(content.headers.get('content-disposition')).toBe(
      `attachment; filename*=UTF-8''${encodeURIComponent('数据 1.bin')}`,
    )
    const back = Buffer.from(await content.arrayBuffer())
    expect(createHash('sha256').update(back).digest()).toEqual(createHash('sha256').update(bytes).digest())
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
    await expect(client.files.retrieve(file.id)).rejects.toMatchObject({ status: 404, code: 'not_found' })
    await expect(client.files.delete(file.id)).rejects.toMatchObject({ status: 404 })
  })

  it('says when a file deletes itself, before its bytes or behind them', async () => {
    const expires_after = { anchor: 'created_at' as const, seconds: 7200 }
    for (const params of [
      { expires_after, purpose: 'evals' as const, file: await toFile(Buffer.from('x'), 'x') },
      { file: await toFile(Buffer.from('x'), 'x'), purpose: 'evals' as const, expires_after },
    ]) {
      const file = await client.files.create(params)
      expect(Math.abs((file.expires_at ?? 0) - file.created_at - 7200)).toBeLessThanOrEqual(1)
    }
    const batch = await client.files.create({ file: await toFile(Buffer.from('{}'), 'b.jsonl'), purpose: 'batch' })
    expect((batch.expires_at ?? 0) - batch.created_at).toBeGreaterThan(29 * 86_400)
  })

  it('walks through pages in both orders, of one purpose', async () => {
    const made = []
    for (const name of ['1', '2', '3', '4', '5']) {
      made.push((await client.files.create({ file: await toFile(Buffer.from(name), name), purpose: 'vision' })).id)
      await new Promise((resolve) => setTimeout(resolve, 3))
    }
    const walk = async (order: 'asc' | 'desc') => {
      const ids = []
      for await (const file of client.files.list({ purpose: 'vision', order, limit: 2 })) ids.push(file.id)
      return ids
    }
    expect(await walk('asc')).toEqual(made)
    expect(await walk('desc')).toEqual(made.toReversed())
    await expect(client.files.list({ after: 'file-none' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('what is refused', () => {
  it.each<[string, [string, string | Blob, string?][], number, string, string | null]>([
    ['no file', [['purpose', 'batch']], 400, 'missing_required_parameter', 'file'],
    ['no purpose', [['file', blob, 'a']], 400, 'missing_required_parameter', 'purpose'],
    [
      'another purpose',
      [
        ['file', blob, 'a'],
        ['purpose', 'fun'],
      ],
      400,
      'invalid_value',
      'purpose',
    ],
    [
      'what only the server makes',
      [
        ['purpose', 'batch_output'],
        ['file', blob, 'a'],
      ],
      400,
      'invalid_value',
      'purpose',
    ],
    [
      'an unknown field',
      [
        ['purpose', 'batch'],
        ['file', blob, 'a'],
        ['colour', 'red'],
      ],
      400,
      'unknown_parameter',
      'colour',
    ],
    [
      'a file in another field',
      [
        ['purpose', 'batch'],
        ['data', blob, 'a'],
      ],
      400,
      'unknown_parameter',
      'data',
    ],
    [
      'two files',
      [
        ['purpose', 'batch'],
        ['file', blob, 'a'],
        ['file', blob, 'b'],
      ],
      400,
      'invalid_value',
      'file',
    ],
    [
      'a field twice',
      [
        ['purpose', 'batch'],
        ['purpose', 'batch'],
        ['file', blob, 'a'],
      ],
      400,
      'invalid_value',
      'purpose',
    ],
    [
      'an empty file',
      [
        ['purpose', 'batch'],
        ['file', new Blob([]), 'a'],
      ],
      400,
      'invalid_value',
      'file',
    ],
    [
      'a long name',
      [
        ['purpose', 'batch'],
        ['file', blob, 'n'.repeat(256)],
      ],
      400,
      'invalid_value',
      'file',
    ],
    [
      'a long field',
      [
        ['purpose', 'b'.repeat(2000)],
        ['file', blob, 'a'],
      ],
      400,
      'invalid_value',
      'purpose',
    ],
    [
      'too short a life',
      [
        ['purpose', 'batch'],
        ['file', blob, 'a'],
        ['expires_after[anchor]', 'created_at'],
        ['expires_after[seconds]', '5'],
      ],
      400,
      'invalid_value',
      'expires_after.seconds',
    ],
    [
      'a life from another moment',
      [
        ['purpose', 'batch'],
        ['file', blob, 'a'],
        ['expires_after[anchor]', 'now'],
        ['expires_after[seconds]', '5000'],
      ],
      400,
      'invalid_value',
      'expires_after.anchor',
    ],
  ])('%s', async (_, fields, status, code, param) => {
    const before = server.files()
    const reply = await send(form(fields))
    expect([reply.status, reply.body.error.code, reply.body.error.param]).toEqual([status, code, param])
    expect(incoming()).toEqual([])
    expect(await server.files()).toEqual(await before)
  })

  it('more fields than there can be, and forms that are none', async () => {
    const many = Array.from({ length: 40 }, (_, at): [string, string] => [`f${at}`, 'x'])
    expect((await send(form(many))).status).toBe(400)
    const raw = (body: string, type: string) =>
      fetch(`${server.url}/v1/files`, { method: 'POST', body, headers: { 'content-type': type } })
    expect((await raw('{}', 'application/json')).status).toBe(400)
    expect((await raw('x', 'multipart/form-data')).status).toBe(400)
    expect((await raw('--b\r\ncontent-disp', 'multipart/form-data; boundary=b')).status).toBe(400)
    const chat = await fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body: form([['purpose', 'x']]) })
    expect(chat.status).toBe(415)
    expect((await fetch(`${server.url}/v1/files?colour=red`)).status).toBe(400)
    expect((await fetch(`${server.url}/v1/files?limit=0`)).status).toBe(400)
  })

  it('a file that is larger than files may be, whose rest is not kept', async () => {
    async function* endless() {
      const piece = Buffer.alloc(1 << 20)
      const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="big"\r\n\r\n'
      yield Buffer.from(head)
      for (let sent = 0; sent <= limits.fileBytes; sent += piece.length) yield piece
    }
    const init = {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: endless() as unknown as BodyInit,
      duplex: 'half' as const,
    }
    const reply = await fetch(`${server.url}/v1/files`, init)
    expect(reply.status).toBe(413)
    expect(await reply.json()).toMatchObject({ error: { code: 'request_too_large', param: 'file' } })
    expect(incoming()).toEqual([])
  }, 60_000)

  it('a file for which there is no room, with its field and the remedy', async () => {
    const full = await serveKeeping({ tokens: () => [] })
    const put = full.store.files.put
    const scarce = {
      ...full.store.files,
      put: ((owner, upload, source) => put(owner, { ...upload, quota: 10 }, source)) as typeof put,
    }
    Object.assign(full.store.files, scarce)
    const body = form([
      ['purpose', 'batch'],
      ['file', new Blob(['more than ten bytes']), 'a'],
    ])
    const reply = await fetch(`${full.url}/v1/files`, { method: 'POST', body })
    expect(reply.status).toBe(413)
    const { error } = (await reply.json()) as { error: { code: string; message: string; param: string } }
    expect(error).toMatchObject({ code: 'storage_quota_exceeded', param: 'file' })
    expect(error.message).toMatch(/10 bytes.*delete files/)
    await full.close()
  })

  it('an upload that breaks off leaves nothing', async () => {
    const before = await server.files()
    const socket = server.socket()
    socket.write(
      'POST /v1/files HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 99999\r\n\r\n' +
        '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it',
    )
    await expect.poll(() => incoming().length, { timeout: 10_000 }).toBe(1)
    socket.destroy()
    await expect.poll(() => incoming().length, { timeout: 10_000 }).toBe(0)
    expect(await server.files()).toEqual(before)
    expect(server.logged).toEqual([])
  })
})

it('a limit on storage leaves no room for more, and says so', async () => {
  const { organisation } = server.owner
  const storage = { subject: 'organisation', metric: 'storage', period: 'none' }
  await server.store.limits.set(organisation, { ...storage, maximum: 10 })
  const tooMuch = await send(
    form([
      ['purpose', 'user_data'],
      ['file', new Blob(['more than ten bytes']), 'long.txt'],
    ]),
  )
  expect(tooMuch).toMatchObject({ status: 413, body: { error: { code: 'storage_quota_exceeded' } } })
  await server.store.limits.remove(organisation, storage)
  const again = form([
    ['purpose', 'user_data'],
    ['file', new Blob(['more than ten bytes']), 'long.txt'],
  ])
  expect((await send(again)).status).toBe(200)
})
