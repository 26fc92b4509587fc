import { expect, it, test } from 'vitest'
import { QuestionTooLongError, type WriteRequest } from './examinee.ts'
import { type Fetch, openHttpExaminee } from './http-examinee.ts'

const signal = new AbortController().signal
const ask: WriteRequest = { prompt: 'Say hi', maxTokens: 8, stop: ['\n'], temperature: 0, topP: 1, seed: 1 }

interface Sent {
  path: string
  body: Record<string, unknown>
  headers: Headers
}

/** A server that answers each path with the next of its replies. */
function served(replies: Record<string, (object | Response)[]>) {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init) => {
    const path = new URL(url).pathname
    sent.push({ path, body: init.body ? JSON.parse(String(init.body)) : {}, headers: new Headers(init.headers) })
    const reply = replies[path]?.shift()
    if (!reply) throw new TypeError('fetch failed')
    return reply instanceof Response ? reply : Response.json(reply)
  }
  return { fetch, sent }
}
const models = { data: [{ id: 'one', created: 5 }, { id: 'two' }] }

it('asks for texts and conversations, with the key, and with our own fields only where our own server is', async () => {
  const { fetch, sent } = served({
    '/v1/models': [models, { data: [{ id: 'ours', dotline: {} }] }],
    '/v1/completions': [{ choices: [{ text: ' hi', finish_reason: 'stop' }] }],
    '/v1/chat/completions': [{ choices: [{ message: { content: 'hello' }, finish_reason: 'length' }] }],
  })
  const model = await openHttpExaminee({ url: 'http://x/v1/', model: 'two', key: 'k', fetch })
  expect(await model.write(ask, signal)).toEqual({ text: ' hi', finish: 'stop' })
  expect(sent[1]).toMatchObject({
    path: '/v1/completions',
    body: { model: 'two', prompt: 'Say hi', max_tokens: 8, temperature: 0, seed: 1, stop: ['\n'] },
  })
  expect(sent[1].headers.get('authorization')).toBe('Bearer k')
  expect(sent[1].body).not.toHaveProperty('top_k')
  const ours = await openHttpExaminee({ url: 'http://x/v1', fetch })
  expect(await ours.write({ ...ask, prompt: [{ role: 'user', content: 'hi' }] }, signal)).toEqual({
    text: 'hello',
    finish: 'length',
  })
  expect(sent.at(-1)?.body).toMatchObject({
    model: 'ours',
    top_k: 0,
    repetition_penalty: 1,
    messages: [{ role: 'user', content: 'hi' }],
  })
})

it('takes the tokens behind the beginning: not the first, not those before, not what was generated', async () => {
  // "The cat" + " sat": The| cat| sa|t and one generated token behind.
  const logprobs = {
    tokens: ['The', ' cat', ' sa', 't', '!'],
    token_logprobs: [null, -1, -2, -0.5, -9],
    top_logprobs: [null, { ' cat': -1 }, { ' sa': -2 }, { t: -0.5 }, {}],
    text_offset: [0, 3, 7, 10, 11],
  }
  const straddling = { ...logprobs, text_offset: [0, 3, 6, 10, 11], top_logprobs: [null, {}, { x: -0.1 }, {}, {}] }
  const { fetch } = served({
    '/v1/models': [models],
    '/v1/completions': [
      {
        choices: [
          { index: 1, logprobs: straddling },
          { index: 0, logprobs },
        ],
      },
    ],
  })
  const model = await openHttpExaminee({ url: 'http://x/v1', fetch })
  expect(await model.score('The cat', [' sat', ' sat'], signal)).toEqual([
    { logprob: -2.5, tokens: 2, greedy: true },
    { logprob: -2.5, tokens: 2, greedy: false },
  ])
})

it('says that a question is too long, tries a busy server again, and names what is wrong', async () => {
  const error = (status: number, message: string, code?: string) =>
    Response.json({ error: { message, code } }, { status })
  const { fetch, sent } = served({
    '/v1/models': [models],
    '/v1/completions': [
      new Response('busy', { status: 503, headers: { 'retry-after': '0.1' } }),
      { choices: [{ text: 'late', finish_reason: 'stop' }] },
      error(400, 'This is 600 tokens.', 'context_length_exceeded'),
      error(400, "This model's maximum context length is 4097 tokens."),
      error(401, 'No key.'),
      { choices: [] },
      { choices: [{ index: 0, logprobs: { tokens: ['a', 'b'], token_logprobs: [null, null], text_offset: [0, 1] } }] },
    ],
  })
  const model = await openHttpExaminee({ url: 'http://x/v1', fetch })
  expect(await model.write(ask, signal)).toMatchObject({ text: 'late' })
  expect(sent).toHaveLength(3)
  await expect(model.write(ask, signal)).rejects.toThrow(QuestionTooLongError)
  await expect(model.write(ask, signal)).rejects.toThrow(QuestionTooLongError)
  await expect(model.write(ask, signal)).rejects.toThrow('http://x/v1/completions answered 401: No key.')
  await expect(model.write(ask, signal)).rejects.toThrow(/another form than OpenAI's: choices/)
  await expect(model.score('a', ['b'], signal)).rejects.toThrow(/no log-probabilities for a prompt/)
})

test('a model that is not there, and a conversation that lost messages', async () => {
  const { fetch } = served({
    '/v1/models': [models, models],
    '/v1/chat/completions': [
      { choices: [{ message: { content: 'x' }, finish_reason: 'stop' }], dotline: { dropped_messages: 2 } },
    ],
  })
  await expect(openHttpExaminee({ url: 'http://x/v1', model: 'three', fetch })).rejects.toThrow(
    'has no model "three"; it has one, two',
  )
  const model = await openHttpExaminee({ url: 'http://x/v1', fetch })
  await expect(model.write({ ...ask, prompt: [{ role: 'user', content: 'hi' }] }, signal)).rejects.toThrow(
    QuestionTooLongError,
  )
})
