import type { InjectOptions } from 'fastify'

/** Sends a request as the person whose things these are; resolves with the reply's body, or throws it. */
export type Send = (
  method: NonNullable<InjectOptions['method']>,
  url: string,
  payload?: unknown,
  headers?: Record<string, string>,
) => Promise<Record<string, string>>

const chat = { model: 'scripted', messages: [{ role: 'user', content: 'hi' }], store: true }
const form = { 'content-type': 'multipart/form-data; boundary=x' }
const file = (purpose: string, text: string) =>
  `--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n${purpose}\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n${text}\r\n--x--\r\n`
const line = JSON.stringify({
  custom_id: 'a',
  method: 'POST',
  url: '/v1/chat/completions',
  body: { ...chat, store: false },
})

/**
 * By the name of a field in an address: makes one that somebody owns. A field that is missing here fails the trial;
 * null stands for one that only means something below another.
 */
export const things: Readonly<Record<string, ((send: Send) => Promise<string>) | null>> = {
  model: async () => 'scripted',
  id: async (send) => (await send('POST', '/api/conversations', { title: 'a' })).id,
  folder: async (send) => (await send('POST', '/api/conversations/folders', { name: 'a' })).id,
  answer: null,
  message: null,
  conversation_id: async (send) => (await send('POST', '/v1/conversations', {})).id,
  item_id: null,
  response_id: async (send) => (await send('POST', '/v1/responses', { model: 'scripted', input: 'hi' })).id,
  completion_id: async (send) => (await send('POST', '/v1/chat/completions', chat)).id,
  file_id: async (send) => (await send('POST', '/v1/files', file('user_data', 'text'), form)).id,
  batch_id: async (send) => {
    const { id } = await send('POST', '/v1/files', file('batch', line), form)
    const wish = { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' }
    return (await send('POST', '/v1/batches', wish)).id
  },
  upload_id: async (send) =>
    (await send('POST', '/v1/uploads', { filename: 'a', purpose: 'user_data', bytes: 1, mime_type: 'text/plain' })).id,
  key: async (send) => (await send('POST', '/api/keys', { name: 'a' })).id,
  session: null,
  person: null,
  project: null,
  invitation: null,
  project_id: null,
  key_id: null,
}

/** Bodies of requests on a thing, where an empty one is refused before anybody looks for the thing. */
export const bodies: Readonly<Record<string, object>> = {
  'PATCH /api/keys/:key': { name: 'taken' },
  'PATCH /api/conversations/:id': { title: 'taken' },
  'PATCH /api/conversations/folders/:folder': { name: 'taken' },
  'POST /v1/conversations/:conversation_id': { metadata: { taken: 'yes' } },
  'POST /v1/conversations/:conversation_id/items': { items: [{ role: 'user', content: 'taken' }] },
  'POST /v1/chat/completions/:completion_id': { metadata: { taken: 'yes' } },
  'POST /v1/uploads/:upload_id/complete': { part_ids: ['part_a'] },
  'POST /api/conversations/:id/answers': {
    model: 'scripted',
    parent: null,
    question: { id: 'msg_question', text: 'taken' },
    answer: { id: 'msg_answer' },
  },
  'PUT /api/conversations/:id/messages/:message/feedback': { rating: 1 },
  'POST /api/conversations/:id/messages/:message/better': { id: 'msg_a', text: 'taken' },
}
