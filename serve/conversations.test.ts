import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKeeping } from '#serve/keeping'
import { type Script, ScriptedEngine } from '#serve/scripted-engine'
import { createServer } from '#serve/server'
import type { AnswerBegun, AnswerEvent, KeptMessage } from '#wire/conversations'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-conversations-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const headers = { host: 'localhost' }

/** A server over the folder's store whose engine plays a script. */
async function opened(script: Script = { tokens: () => ['Hel', 'lo.'] }) {
  const keeping = await openKeeping({ folder }, console.error)
  const engine = new ScriptedEngine(script)
  const app = createServer({ engine, store: keeping.store, people: keeping.people })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, payload?: object) =>
    app.inject({ method, url: `/api/conversations${path}`, headers, payload })
  const ask = async (id: string, body: object) => call('POST', `/${id}/answers`, body)
  const messages = async (id: string): Promise<KeptMessage[]> => (await call('GET', `/${id}/messages`)).json().data
  const close = async () => {
    await app.close()
    await keeping.close()
  }
  return { app, engine, store: keeping.store, url, call, ask, messages, close }
}

const question = (text: string, n = 1, parent: string | null = null) => ({
  parent,
  question: { id: `msg_question_${n}`, text },
  answer: { id: `msg_answer_${n}` },
  create: {},
})

/** Reads an answer's events until the stream ends, or until enough of them came. */
async function follow(url: string, id: string, answer: string, after = '', most = Number.POSITIVE_INFINITY) {
  const leave = new AbortController()
  const response = await fetch(`${url}/api/conversations/${id}/answers/${answer}/events`, {
    headers: after === '' ? {} : { 'last-event-id': after },
    signal: leave.signal,
  })
  expect(response.status).toBe(200)
  const found: { id: string; event: AnswerEvent }[] = []
  let held = ''
  try {
    for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
      held += bytes
      const parts = held.split('\n\n')
      held = parts.pop() ?? ''
      for (const part of parts) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data !== undefined) found.push({ id: /^id: (.*)$/m.exec(part)?.[1] ?? '', event: JSON.parse(data) })
      }
      if (found.length >= most) break
    }
  } finally {
    leave.abort()
  }
  return found
}

const textOf = (events: { event: AnswerEvent }[]) =>
  events.map(({ event }) => (event.type === 'text' ? event.text : '')).join('')

test('an answer is written and kept although nobody reads it, with what is known of it', async () => {
  const server = await opened()
  const begun: AnswerBegun = (
    await server.ask('conv_one', { ...question('Hello there'), sampling: { seed: 7 } })
  ).json()
  expect(begun).toMatchObject({
    conversation: { id: 'conv_one', title: 'Hello there' },
    question: { id: 'msg_question_1', content: 'Hello there' },
    answer: { id: 'msg_answer_1', status: 'partial', detail: { state: 'writing', seed: 7 } },
  })
  await expect
    .poll(async () => (await server.messages('conv_one')).at(-1))
    .toMatchObject({
      content: 'Hello.',
      status: 'complete',
      model: 'scripted',
      detail: { state: 'done', finish: 'stop', prompt_tokens: 7, completion_tokens: 2, seed: 7, cost: null },
    })
  // The same request again, as a page sends it that did not hear the answer to the first.
  const again = await server.ask('conv_one', question('Hello there'))
  expect(again.json().answer).toMatchObject({ id: 'msg_answer_1', status: 'complete' })
  expect(await server.messages('conv_one')).toHaveLength(2)
  await server.close()
})

test('a reader that is cut off reads on from its last event, and all readers read the same', async () => {
  const words = Array.from({ length: 40 }, (_, at) => `word ${at} `)
  const server = await opened({ tokens: () => words, delayMs: 5 })
  await server.ask('conv_one', question('tell'))
  const first = await follow(server.url, 'conv_one', 'msg_answer_1', '', 3)
  const rest = await follow(server.url, 'conv_one', 'msg_answer_1', first.at(-1)?.id)
  expect(textOf([...first, ...rest])).toBe(words.join(''))
  expect(rest.some(({ event }) => event.type === 'end')).toBe(true)
  expect((await server.messages('conv_one')).at(-1)?.content).toBe(words.join(''))
  await server.close()
})

test('an answer that is stopped ends at once and keeps what came, and can be gone on with', async () => {
  const server = await opened({ tokens: () => Array(500).fill('la '), delayMs: 5 })
  await server.ask('conv_one', question('sing'))
  await follow(server.url, 'conv_one', 'msg_answer_1', '', 3)
  const stopped = performance.now()
  expect((await server.call('POST', '/conv_one/answers/msg_answer_1/stop')).statusCode).toBe(204)
  await expect.poll(() => server.engine.cancelled.length).toBe(1)
  // The script alone would go on for 2.5 s.
  expect(server.engine.cancelled[0] - stopped).toBeLessThan(1500)
  await expect.poll(async () => (await server.messages('conv_one')).at(-1)?.detail.state).toBe('stopped')
  const before = String((await server.messages('conv_one')).at(-1)?.content)
  expect(before).toMatch(/^la /)
  server.engine.script = { tokens: () => ['end.'] }
  const on = { parent: null, answer: { id: 'msg_answer_1' }, continues: true }
  expect((await server.ask('conv_one', on)).statusCode).toBe(201)
  await expect.poll(async () => (await server.messages('conv_one')).at(-1)?.content).toBe(`${before}end.`)
  const asked = server.engine.requests.at(-1)
  expect(asked && 'messages' in asked && asked.messages.map((turn) => turn.role)).toEqual(['user', 'assistant', 'user'])
  await server.close()
})

test('a server that ends in the middle keeps the part that was written, marked, for every reader to come', async () => {
  const first = await opened({ tokens: () => Array(5000).fill('on and '), delayMs: 3 })
  await first.ask('conv_one', question('go'))
  await follow(first.url, 'conv_one', 'msg_answer_1', '', 3)
  await first.close()
  const second = await opened()
  const kept = (await second.messages('conv_one')).at(-1)
  expect(kept).toMatchObject({ status: 'partial', detail: { state: 'lost' } })
  expect(String(kept?.content)).toMatch(/^on and /)
  await second.close()
})

test('events of a server that died are put together by the next one that is asked', async () => {
  const first = await opened({ tokens: () => [] })
  const owner = await first.store.organisations.owner('org-local', 'proj_local', '')
  await first.store.conversations.create(owner, { id: 'conv_dead' })
  const stream = await first.store.streams.start(owner)
  const texts = ['One ', 'two ', 'three']
  await first.store.streams.append(
    owner,
    stream,
    0,
    texts.map((text) => JSON.stringify({ type: 'text', text })),
  )
  await first.store.conversations.addMessage(owner, 'conv_dead', {
    id: 'msg_dead',
    parent: null,
    role: 'assistant',
    content: 'One two ',
    text: 'One two ',
    status: 'partial',
    detail: { state: 'writing', stream },
  })
  await first.close()
  const second = await opened()
  const events = await follow(second.url, 'conv_dead', 'msg_dead')
  expect(events.at(-1)?.event).toMatchObject({ type: 'end', status: 'partial', detail: { state: 'lost' } })
  expect(await second.messages('conv_dead')).toMatchObject([{ content: 'One two three', detail: { state: 'lost' } }])
  await second.close()
})

test('the model names a conversation after its first answer; a name that a person gave stays', async () => {
  const tokens: Script['tokens'] = (request) => (request.background ? ['"Cats in the garden"\n'] : ['Cats purr.'])
  const server = await opened({ tokens })
  await server.ask('conv_one', question('Why do cats purr?'))
  const events = await follow(server.url, 'conv_one', 'msg_answer_1')
  expect(events.at(-1)?.event).toEqual({ type: 'title', title: 'Cats in the garden' })
  expect((await server.call('GET', '/conv_one')).json().title).toBe('Cats in the garden')
  await server.call('PATCH', '/conv_one', { title: 'Mine' })
  await server.ask('conv_one', { ...question('And dogs?', 2, 'msg_answer_1') })
  await follow(server.url, 'conv_one', 'msg_answer_2')
  expect((await server.call('GET', '/conv_one')).json().title).toBe('Mine')
  await server.close()
})

test('conversations are found, moved, thrown away and brought back, one by one and many at once', async () => {
  const server = await opened()
  for (const n of [1, 2, 3]) {
    await server.ask(`conv_${n}`, question(`第 ${n} 次去北京旅行`, n))
    await follow(server.url, `conv_${n}`, `msg_answer_${n}`)
  }
  const found = (await server.call('GET', `/search?q=${encodeURIComponent('北京')}`)).json()
  expect(found.data).toHaveLength(3)
  const [from, to] = found.data[0].marks[0]
  expect(found.data[0].excerpt.slice(from, to)).toBe('北京')
  expect(found.titles).toHaveLength(3)
  const desk = (await server.call('POST', '/folders', { name: 'Travel' })).json()
  const change = { ids: ['conv_1', 'conv_2', 'conv_none'], change: { folder: desk.id } }
  expect((await server.call('POST', '/changes', change)).json()).toEqual({ changed: 2 })
  const ids = async (query: string) =>
    (await server.call('GET', query)).json().data.map((each: { id: string }) => each.id)
  expect(await ids(`?folder=${desk.id}`)).toEqual(['conv_2', 'conv_1'])
  expect(await ids('?folder=none')).toEqual(['conv_3'])
  expect((await server.call('DELETE', '/conv_3')).statusCode).toBe(204)
  expect((await server.call('GET', '/conv_3')).statusCode).toBe(404)
  expect((await server.call('POST', '/conv_3/restore')).json().id).toBe('conv_3')
  const markdown = await server.call('GET', '/conv_3/export')
  expect(markdown.headers['content-type']).toContain('text/markdown')
  expect(markdown.body).toContain('Hello.')
  const file = (await server.call('GET', '/conv_3/export?format=json')).json()
  expect(file.messages).toHaveLength(2)
  await server.close()
})

test('opinions become pairs to learn from, and only with consent', async () => {
  const server = await opened()
  await server.ask('conv_one', question('hi'))
  await follow(server.url, 'conv_one', 'msg_answer_1')
  const answer = '/conv_one/messages/msg_answer_1'
  expect((await server.call('PUT', `${answer}/feedback`, { rating: -1, reasons: ['wrong'] })).statusCode).toBe(204)
  expect((await server.call('POST', `${answer}/better`, { id: 'msg_mine', text: 'Good day to you.' })).statusCode).toBe(
    201,
  )
  expect((await server.call('GET', '/pairs')).statusCode).toBe(409)
  expect((await server.call('GET', '/consent')).json()).toMatchObject({ given: false, history: [] })
  await server.call('PUT', '/consent', { given: true, version: '1' })
  const lines = (await server.call('GET', '/pairs')).body.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      prompt: [{ role: 'user', content: 'hi' }],
      chosen: [{ role: 'assistant', content: 'Good day to you.' }],
      rejected: [{ role: 'assistant', content: 'Hello.' }],
    },
  ])
  await server.call('PUT', '/consent', { given: false, version: '1' })
  expect((await server.call('GET', '/pairs')).statusCode).toBe(409)
  expect((await server.call('GET', '/consent')).json().history).toMatchObject([{ withdrawn: expect.any(Number) }])
  await server.close()
})

test('an engine that fails leaves the question, what was written, and the reason', async () => {
  const server = await opened({ tokens: () => ['a', 'b', 'c'], break: { after: 2, error: new Error('secret') } })
  await server.ask('conv_one', question('hi'))
  await expect
    .poll(async () => (await server.messages('conv_one')).at(-1))
    .toMatchObject({
      content: 'ab',
      status: 'partial',
      detail: { state: 'failed', error: { code: 'internal_error' } },
    })
  expect(JSON.stringify(await server.messages('conv_one'))).not.toContain('secret')
  await wait(10)
  await server.close()
})
