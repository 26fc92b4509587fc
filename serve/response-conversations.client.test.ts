/** The official client of OpenAI: conversations, and chat completions that are kept. */
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChatRequest } from '#serve/engine'
import { conversationSchema } from '#wire/response-conversations'
import { itemSchema } from '#wire/response-items'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

const hello = { tokens: () => ['Hel', 'lo'] }
let server: KeepingServer
let client: OpenAI
beforeAll(async () => {
  server = await serveKeeping(hello)
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(() => server.close())
beforeEach(() => {
  server.engine.script = hello
  server.engine.requests.length = 0
})

const lastMessages = () => (server.engine.requests.at(-1) as ChatRequest).messages.map(({ content }) => content)
async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of pages) items.push(item)
  return items
}
const say = (content: string) => ({ type: 'message' as const, role: 'user' as const, content })

describe('a conversation', () => {
  it('is made with its first items, read, given other metadata, and gone once it is deleted', async () => {
    const made = await client.conversations.create({ metadata: { a: '1' }, items: [say('one'), say('two')] })
    expect(conversationSchema.parse(made)).toMatchObject({ object: 'conversation', metadata: { a: '1' } })
    expect(await client.conversations.retrieve(made.id)).toMatchObject({ id: made.id, metadata: { a: '1' } })
    expect(await client.conversations.update(made.id, { metadata: { b: '2' } })).toMatchObject({ metadata: { b: '2' } })
    expect(await client.conversations.retrieve(made.id)).toMatchObject({ metadata: { b: '2' } })
    expect(await all(client.conversations.items.list(made.id))).toHaveLength(2)
    expect(await client.conversations.delete(made.id)).toMatchObject({ deleted: true, object: 'conversation.deleted' })
    for (const gone of [client.conversations.retrieve(made.id), client.conversations.delete(made.id)])
      await expect(gone).rejects.toMatchObject({ status: 404, param: 'conversation' })
    expect(await client.conversations.create()).toMatchObject({ metadata: {} })
  })

  it('lists its items page by page, shows each, and lets go of one', async () => {
    const { id } = await client.conversations.create({})
    const added = await client.conversations.items.create(id, {
      items: [
        say('zero'),
        { role: 'assistant', content: 'one' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c', output: 'three' },
        { type: 'reasoning', id: 'rs_x', summary: [] },
      ],
    })
    expect(added).toMatchObject({ object: 'list', has_more: false })
    const items = await all(client.conversations.items.list(id, { order: 'asc', limit: 2 }))
    expect(items).toEqual(added.data)
    for (const item of items) itemSchema.parse(item)
    expect(await all(client.conversations.items.list(id, { limit: 3 }))).toEqual(items.toReversed())
    const [first] = items as { id: string }[]
    const place = { conversation_id: id }
    expect(await client.conversations.items.retrieve(first.id, place)).toMatchObject(first)
    expect(await client.conversations.items.delete(first.id, place)).toMatchObject({ id, object: 'conversation' })
    await expect(client.conversations.items.retrieve(first.id, place)).rejects.toMatchObject({ status: 404 })
    expect(await all(client.conversations.items.list(id, { order: 'asc' }))).toEqual(items.slice(1))
  })

  it('stands before what is asked, and has what was asked and answered behind it, streamed or not', async () => {
    const { id } = await client.conversations.create({ items: [say('before')] })
    await client.responses.create({ model: 'scripted', input: 'first', conversation: id })
    const stream = await client.responses.create({
      model: 'scripted',
      input: 'second',
      conversation: { id },
      stream: true,
    })
    for await (const _ of stream);
    expect(lastMessages()).toEqual(['before', 'first', 'Hello', 'second'])
    await client.responses.create({ model: 'scripted', input: 'third', conversation: id, store: false })
    const texts = (await all(client.conversations.items.list(id, { order: 'asc' }))).map((item) =>
      item.type === 'message' && 'text' in item.content[0] ? item.content[0].text : item.type,
    )
    expect(texts).toEqual(['before', 'first', 'Hello', 'second', 'Hello', 'third', 'Hello'])
  })

  it('gets nothing of an answer that failed', async () => {
    const { ApiError } = await import('#wire/errors')
    const { id } = await client.conversations.create({})
    server.engine.script = { ...hello, break: { after: 1, error: new ApiError('engine_failed', 'broke') } }
    const stream = await client.responses.create({ model: 'scripted', input: 'x', conversation: id, stream: true })
    for await (const _ of stream);
    expect(await all(client.conversations.items.list(id))).toEqual([])
  })

  it('of the page is none of these', async () => {
    const owner = (await server.store.organisations.owner('org-local', 'proj_local', '')) as string
    const page = await server.store.conversations.create(owner, { title: 'page' })
    await expect(client.conversations.retrieve(page.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.conversations.delete(page.id)).rejects.toMatchObject({ status: 404 })
  })

  it.each([
    [{ items: Array.from({ length: 21 }, () => say('x')) }, 'items'],
    [{ items: [{ type: 'mcp_call' }] }, 'items[0].type'],
    [{ strange: 1 }, 'strange'],
  ])('%o is refused by its name', async (body, field) => {
    const error = await client.conversations.create(body as never).catch((reason) => reason)
    expect(error.status).toBe(400)
    expect([error.param, `${error.param}.type`]).toContain(field)
  })
})

describe('a chat completion that is kept', () => {
  const ask = (text: string, more: object = {}) => ({
    model: 'scripted',
    messages: [
      { role: 'system' as const, content: 'rules' },
      { role: 'user' as const, content: [{ type: 'text' as const, text }] },
    ],
    store: true,
    ...more,
  })

  it('is listed, read with what was asked, given other metadata, and gone once it is deleted', async () => {
    const one = await client.chat.completions.create(ask('one', { metadata: { kind: 'a' } }))
    const stream = await client.chat.completions.create({ ...ask('two', { metadata: { kind: 'b' } }), stream: true })
    let two = ''
    for await (const chunk of stream) two = chunk.id
    await client.chat.completions.create({ ...ask('three'), store: false })
    const listed = await all(client.chat.completions.list({ limit: 1 }))
    expect(listed.map(({ id }) => id)).toEqual([one.id, two])
    expect((await all(client.chat.completions.list({ order: 'desc' }))).map(({ id }) => id)).toEqual([two, one.id])
    expect((await all(client.chat.completions.list({ metadata: { kind: 'b' } }))).map(({ id }) => id)).toEqual([two])
    expect(await all(client.chat.completions.list({ model: 'other' }))).toEqual([])
    // The streamed one is kept as if it had been whole.
    expect(await client.chat.completions.retrieve(two)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }],
      usage: { total_tokens: 9 },
    })
    const messages = await all(client.chat.completions.messages.list(one.id, { limit: 1 }))
    expect(messages).toMatchObject([
      { id: `${one.id}-0`, role: 'system', content: 'rules', content_parts: null },
      { id: `${one.id}-1`, role: 'user', content: null, content_parts: [{ type: 'text', text: 'one' }] },
    ])
    expect(await client.chat.completions.update(one.id, { metadata: { kind: 'c' } })).toMatchObject({
      id: one.id,
      metadata: { kind: 'c' },
    })
    expect(await client.chat.completions.retrieve(one.id)).toMatchObject({ metadata: { kind: 'c' } })
    expect(await client.chat.completions.delete(one.id)).toMatchObject({ deleted: true })
    await expect(client.chat.completions.retrieve(one.id)).rejects.toMatchObject({ status: 404 })
    expect((await all(client.chat.completions.list())).map(({ id }) => id)).toEqual([two])
  })

  it('is refused with a query that nobody knows', async () => {
    const reply = await fetch(`${server.url}/v1/chat/completions?strange=1`)
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ error: { code: 'unknown_parameter', param: 'strange' } })
  })
})
