import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#wire/limits'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'

/** What fuzzing found: bodies that were answered with 500, or with nothing. */

let server: KeepingServer
beforeAll(async () => {
  server = await serveKeeping({ tokens: () => ['a'] })
})
afterAll(() => server.close())

async function refusal(reply: Response): Promise<[number, string, string | null]> {
  const { error } = (await reply.json()) as { error: { code: string; param: string | null } }
  return [reply.status, error.code, error.param]
}

const form = (body: string, boundary = 'x') =>
  fetch(`${server.url}/v1/files`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body,
  })
const file = (disposition: string) =>
  `--x\r\nContent-Disposition: form-data${disposition}; filename="a.txt"\r\n\r\nbytes\r\n--x--\r\n`

test('forms whose boundary is longer than any, and parts without a name', async () => {
  expect(await refusal(await form(file('; name="file"'), 'y'.repeat(300)))).toEqual([400, 'bad_request', null])
  expect(await refusal(await form(file('')))).toEqual([400, 'unknown_parameter', '""'])
  expect(await refusal(await form(file('; name=""')))).toEqual([400, 'unknown_parameter', '""'])
  expect(server.logged).toEqual([])
})

test.each([
  ['/v1/chat/completions', { model: 'scripted', messages: [{ role: 'function' }], tool_choice: { type: 'custom' } }],
  ['/v1/responses', { model: 'scripted', input: 'a', top_p: -1, tool_choice: { type: 'local_shell' } }],
  ['/v1/organization/limits', { subject: 'person:none', metric: '', maximum: 9 }],
  ['/v1/completions', { model: 'scripted', prompt: ['a', Array(200_000).fill('a')] }],
  ['/v1/embeddings', { model: 'scripted', input: Array(300_000).fill('') }],
  ['/api/conversations', { '': 1 }],
])('%s with fields that do not fit together, and wrong in themselves', async (path, body) => {
  const [status, , param] = await refusal(await server.post(path, body))
  expect(status).toBe(400)
  expect(param).toBeTruthy()
  expect(server.engine.requests).toEqual([])
  expect(server.logged).toEqual([])
})

test('a body of more objects than any that is meant', async () => {
  const body = `{"model":"scripted","messages":[${'{},'.repeat(limits.jsonObjects)}{}]}`
  expect(await refusal(await server.post('/v1/chat/completions', body))).toEqual([400, 'bad_request', null])
})

test('who sends ten megabytes reads the refusal, on a connection that holds', async () => {
  const socket = server.socket()
  const body = Buffer.alloc(10 << 20, 'x')
  const head = ['POST /v1/chat/completions HTTP/1.1', 'Host: localhost', 'Content-Type: application/json']
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  socket.write(`${head.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n`)
  // Refused before any of it is there.
  while (!text.includes('request_too_large')) await once(socket, 'data')
  socket.write(body)
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  while (!text.includes('"status":"ok"')) await once(socket, 'data')
  socket.destroy()
})
