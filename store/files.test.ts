import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import * as vitest from 'vitest'
import { beforeAll, describe, expect, test } from 'vitest'
import { mediaTypeOf } from './blobs/media-type.ts'
import { codeOf, type Opened, onEveryDatabase, type Someone, someone } from './testing/stage.ts'

describe('the type of a file', () => {
  test.each([
    ['text/plain', Buffer.from('hello 点线\n')],
    ['text/plain', Buffer.from('<html><script>alert(1)</script>')],
    ['text/plain', Buffer.from('<svg onload="x"/>')],
    ['image/png', Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1')],
    ['image/jpeg', Buffer.from('\xff\xd8\xff\xe0', 'latin1')],
    ['application/pdf', Buffer.from('%PDF-1.7')],
    ['application/zip', Buffer.from('PK\x03\x04....', 'latin1')],
    [
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      Buffer.from('PK\x03\x04......word/document.xml', 'latin1'),
    ],
    ['application/octet-stream', Buffer.from([0, 1, 2, 3])],
    ['application/octet-stream', Buffer.from([0x61, 0xff, 0xfe])],
  ])('is %s, told by its bytes', (type, head) => {
    expect(mediaTypeOf(head, true)).toBe(type)
  })

  test('is text also where the head ends in the middle of a character', () => {
    const head = Buffer.from('点'.repeat(10)).subarray(0, 29)
    expect(mediaTypeOf(head, false)).toBe('text/plain')
    expect(mediaTypeOf(head, true)).toBe('application/octet-stream')
  })
})

onEveryDatabase(vitest, 'files', (stage) => {
  let opened: Opened
  let ada: Someone
  let bob: Someone
  let ahead = 0
  const hour = 3_600_000
  beforeAll(async () => {
    opened = await stage.fresh(() => Date.now() + ahead)
    ada = await someone(opened.store, 'ada')
    bob = await someone(opened.store, 'bob')
  })
  const upload = { name: '../../etc/passwd', purpose: 'assistants', quota: 1_000_000 }
  const put = (bytes: Buffer, given: Partial<typeof upload & { expires: number }> = {}, owner = ada.owner) =>
    opened.store.files.put(owner, { ...upload, ...given }, [bytes.subarray(0, 7), bytes.subarray(7)])
  const blob = (hash: string) => join(opened.folder, 'blobs', hash.slice(0, 2), hash)
  const incoming = () => readdirSync(join(opened.folder, 'blobs', 'incoming'))
  const read = async (id: string, range = {}, owner = ada.owner) =>
    buffer((await opened.store.files.content(owner, id, range)).bytes)

  test('are kept under their hash, named at random, and come back to the byte', async () => {
    const bytes = randomBytes(100_000)
    const file = await put(bytes)
    expect(file).toMatchObject({ bytes: 100_000, type: 'application/octet-stream', name: '../../etc/passwd' })
    expect(file.id).toMatch(/^file-[a-z2-7]{24}$/)
    expect(file.hash).toBe(createHash('sha256').update(bytes).digest('hex'))
    expect(await read(file.id)).toEqual(bytes)
    expect(await read(file.id, { start: 10, end: 19 })).toEqual(bytes.subarray(10, 20))
    expect(incoming()).toEqual([])
    const again = await put(bytes, { name: 'again' })
    expect(again.hash).toBe(file.hash)
    expect(again.id).not.toBe(file.id)
    const { data } = await opened.store.files.list(ada.owner)
    expect(data.map(({ id }) => id).toSorted()).toEqual([file.id, again.id].toSorted())
  })

  test('of another are not there, though the bytes may be the same', async () => {
    const file = await put(Buffer.from('secret'))
    await put(Buffer.from('secret'), {}, bob.owner)
    expect(await codeOf(opened.store.files.get(bob.owner, file.id))).toBe('absent')
    expect(await codeOf(opened.store.files.content(bob.owner, file.id))).toBe('absent')
    expect(await codeOf(opened.store.files.delete(bob.owner, file.id))).toBe('absent')
    expect(await opened.store.files.used(bob.owner)).toEqual({ bytes: 6, files: 1 })
  })

  test('stay within the quota, however many come at once; what does not fit leaves nothing', async () => {
    const carl = await someone(opened.store, 'carl')
    const tries = Array.from({ length: 8 }, (_, at) => codeOf(put(Buffer.alloc(30, at), { quota: 100 }, carl.owner)))
    const codes = await Promise.all(tries)
    expect(codes.filter((code) => code === null)).toHaveLength(3)
    expect(codes.filter((code) => code === 'quota_reached')).toHaveLength(5)
    expect(await opened.store.files.used(carl.owner)).toEqual({ bytes: 90, files: 3 })
    const error = await put(Buffer.alloc(1000), { quota: 100 }, carl.owner).catch((each) => each)
    expect(error).toMatchObject({ code: 'quota_reached', limit: 10 })
    expect(incoming()).toEqual([])
  })

  test('may be told what they are for behind their bytes; refused then, they leave nothing', async () => {
    const fay = await someone(opened.store, 'fay')
    const late = (about: () => Promise<{ name: string; purpose: string }>) =>
      opened.store.files.put(fay.owner, { quota: 100, about }, [Buffer.from('late')])
    const refused = late(async () => {
      throw new Error('no such purpose')
    })
    await expect(refused).rejects.toThrow('no such purpose')
    expect(incoming()).toEqual([])
    const files = []
    for (const name of ['a', 'b', 'c']) files.push(await late(async () => ({ name, purpose: 'batch' })))
    const names = async (query: object) =>
      (await opened.store.files.list(fay.owner, query)).data.map(({ name }) => name).toSorted()
    expect(await names({})).toEqual(['a', 'b', 'c'])
    const [first, ...rest] = (await opened.store.files.list(fay.owner, { order: 'asc' })).data
    expect(await names({ order: 'asc', behind: first.id })).toEqual(rest.map(({ name }) => name).toSorted())
    expect(await names({ behind: first.id })).toEqual([])
    expect(await codeOf(opened.store.files.list(ada.owner, { behind: first.id }))).toBe('absent')
  })

  test('leave nothing when the upload breaks off', async () => {
    const before = await opened.store.files.used(ada.owner)
    async function* broken() {
      yield Buffer.from('half')
      throw new Error('the connection was cut')
    }
    await expect(opened.store.files.put(ada.owner, upload, broken())).rejects.toThrow('cut')
    expect(incoming()).toEqual([])
    expect(await opened.store.files.used(ada.owner)).toEqual(before)
  })

  test('delete themselves when they expire, bytes too once nothing names them and an hour is over', async () => {
    const dora = await someone(opened.store, 'dora')
    const [kept, lost] = [randomBytes(50), randomBytes(60)]
    const first = await put(lost, { expires: Date.now() + ahead + hour }, dora.owner)
    const second = await put(kept, { expires: Date.now() + ahead + hour }, dora.owner)
    await put(kept, {}, dora.owner)
    ahead += hour + 1
    expect(await codeOf(opened.store.files.get(dora.owner, first.id))).toBe('absent')
    expect(await opened.store.files.sweepExpired()).toBe(2)
    expect((await opened.store.files.list(dora.owner)).data).toHaveLength(1)
    // Deleting starts the hour; the trigger in the database knows the real time alone.
    ahead = 0
    await opened.store.sweep()
    expect(existsSync(blob(first.hash))).toBe(true)
    ahead += hour + 1000
    await opened.store.sweep()
    expect(existsSync(blob(first.hash))).toBe(false)
    expect(existsSync(blob(second.hash))).toBe(true)
    expect(await read((await put(lost, {}, dora.owner)).id, {}, dora.owner)).toEqual(lost)
  })

  test('go with their owner', async () => {
    const eve = await someone(opened.store, 'eve')
    const file = await put(randomBytes(20), {}, eve.owner)
    await opened.store.organisations.erase(eve.organisation, eve.owner)
    ahead += 2 * hour
    await opened.store.sweep()
    expect(existsSync(blob(file.hash))).toBe(false)
  })

  test('whose bytes are not as they were are said to be damaged, never half read', async () => {
    const file = await put(randomBytes(40))
    const bytes = await read(file.id)
    writeFileSync(blob(file.hash), 'short')
    expect(await codeOf(opened.store.files.content(ada.owner, file.id))).toBe('damaged')
    // The same bytes, sent again, heal it.
    await put(bytes)
    expect(await read(file.id)).toEqual(bytes)
  })
})
