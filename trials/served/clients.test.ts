import { createServer, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Client, rawStream, whole, withOpenai } from './clients.ts'

let server: Server | undefined
afterEach(() => server?.close())

/** Asks a server that replies as it is told to. */
async function ask(client: Client, reply: (response: ServerResponse) => void) {
  server = createServer((request, response) => {
    request.resume().on('end', () => reply(response))
  })
  const listening = server
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done))
  const address = listening.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  return client({ url, model: 'm', logitBias: {}, maxTokens: 9 }, () => {})
}

const chunk = (content: string, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`
const events = { 'content-type': 'text/event-stream' }
const done = 'data: [DONE]\n\n'

test.each([rawStream, withOpenai])('a stream with both marks of its end is finished: %o', async (client) => {
  const outcome = await ask(client, (response) =>
    response.writeHead(200, events).end(chunk('a') + chunk('b', 'stop') + done),
  )
  expect(outcome).toEqual({ kind: 'finished', text: 'ab' })
})

test.each([rawStream, withOpenai])(
  'a stream that ends in order without them is a silent truncation: %o',
  async (client) => {
    const outcome = await ask(client, (response) => response.writeHead(200, events).end(chunk('a')))
    expect(outcome.kind).toBe('silent')
  },
)

test('to the client of little care, so is one that lacks [DONE]', async () => {
  const outcome = await ask(rawStream, (response) => response.writeHead(200, events).end(chunk('a', 'stop')))
  expect(outcome.kind).toBe('silent')
})

test.each([rawStream, withOpenai, whole])('a torn connection is an error, whatever came before: %o', async (client) => {
  const outcome = await ask(client, (response) => {
    response.writeHead(200, events).write(chunk('a'))
    setTimeout(() => response.destroy(), 50)
  })
  expect(outcome.kind).toBe('error')
})

test('a whole answer that is none', async () => {
  expect((await ask(whole, (response) => response.end('{"choices": ['))).kind).toBe('silent')
  expect((await ask(whole, (response) => response.end('{"error": {"message": "no"}}'))).kind).toBe('error')
})
