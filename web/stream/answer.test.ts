import { afterEach, expect, test, vi } from 'vitest'
import type { ChatChunk } from '#wire/chat'
import { streamAnswer } from './answer.ts'
import { AnswerFailed } from './failure.ts'

afterEach(() => vi.unstubAllGlobals())

const question = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] }
const head = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' } as const
const event = (chunk: ChatChunk) => `data: ${JSON.stringify(chunk)}\n\n`
const piece = (content: string, finish_reason: 'stop' | null = null) =>
  event({ ...head, choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason }], usage: null })
const usage = event({
  ...head,
  choices: [],
  usage: {
    prompt_tokens: 3,
    completion_tokens: 2,
    total_tokens: 5,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
})

function serve(body: string, status = 200): void {
  const headers = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' }
  vi.stubGlobal('fetch', async () => new Response(body, { status, headers }))
}

async function collect(): Promise<{ text: string; tokens: number; failure: AnswerFailed | null }> {
  let text = ''
  let tokens = 0
  try {
    for await (const chunk of streamAnswer(question, new AbortController().signal)) {
      text += chunk.text
      tokens += chunk.usage?.completionTokens ?? 0
    }
  } catch (error) {
    if (!(error instanceof AnswerFailed)) throw error
    return { text, tokens, failure: error }
  }
  return { text, tokens, failure: null }
}

test('pieces, the finish reason and the usage are read up to [DONE]', async () => {
  serve(`${piece('He')}: ping\n\n${piece('llo')}${piece('', 'stop')}${usage}data: [DONE]\n\n${piece('never')}`)
  expect(await collect()).toEqual({ text: 'Hello', tokens: 2, failure: null })
})

test('a stream that ends without a finish reason is cut, and keeps what came', async () => {
  serve(piece('half'))
  const { text, failure } = await collect()
  expect(text).toBe('half')
  expect(failure?.failure).toEqual({ kind: 'cut', detail: '', requestId: 'req_1' })
})

test('an error in mid-stream is told in the words of the server', async () => {
  serve(
    `${piece('half')}data: {"error":{"message":"engine stopped","type":"server_error","param":null,"code":null}}\n\n`,
  )
  expect((await collect()).failure?.failure).toMatchObject({ kind: 'server', detail: 'engine stopped' })
})

test.each([
  [400, 'refused'],
  [429, 'busy'],
  [500, 'server'],
  [503, 'unready'],
  [503, 'busy', 'overloaded'],
])('status %i is %s', async (status, kind, code = 'other') => {
  serve(JSON.stringify({ error: { message: 'no', type: 't', param: null, code } }), status)
  expect((await collect()).failure?.failure).toEqual({ kind, detail: 'no', requestId: 'req_1' })
})

test('a question without a model goes to the one that the server tells', async () => {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    if (url === '/health') return Response.json({ status: 'loading', model: 'told' })
    sent.push(JSON.parse(String(init.body)))
    return new Response(`${piece('', 'stop')}data: [DONE]\n\n`)
  })
  for await (const _chunk of streamAnswer({ ...question, model: '' }, new AbortController().signal));
  expect(sent).toMatchObject([{ model: 'told', stream: true, stream_options: { include_usage: true } }])
})

test('what is no JSON, and no server, are failures of their own kind', async () => {
  serve('data: <html>\n\n')
  expect((await collect()).failure?.failure.kind).toBe('unreadable')
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed to fetch')
  })
  expect((await collect()).failure?.failure.kind).toBe('offline')
})
