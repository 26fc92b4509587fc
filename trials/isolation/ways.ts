import { randomUUID } from 'node:crypto'
import type { Person } from './people.ts'

/** One request of somebody, and what is learnt from its whole reply. */
export interface Wish {
  method: string
  path: string
  body?: object | string
  headers?: Record<string, string>
  /** The kind of thing that the reply's id names. */
  makes?: string
  /** The id that was chosen by whoever asks. */
  named?: string
}

export type Way = (me: Person, thing: (kind: string) => string, random: () => number) => Wish

const unique = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`
const get = (path: string): Wish => ({ method: 'GET', path })
const post = (path: string, body: object, makes?: string): Wish => ({ method: 'POST', path, body, makes })
const chat = (said: string) => ({ model: 'scripted', messages: [{ role: 'user', content: `say ${said} again` }] })
const stream = (random: () => number) => random() < 0.7
const item = (text: string) => ({ type: 'message', role: 'user', content: text })

function form(path: string, purpose: string, name: string, content: string, makes: string): Wish {
  const lines = ['--x', 'Content-Disposition: form-data; name="purpose"', '', purpose, '--x']
  const file = [`Content-Disposition: form-data; name="file"; filename="${name}"`, '', content, '--x--', '']
  const headers = { 'content-type': 'multipart/form-data; boundary=x' }
  return { method: 'POST', path, body: [...lines, ...file].join('\r\n'), headers, makes }
}

/** By name; `thing` gives an id of one's own, or at times somebody else's. */
export const ways: Readonly<Record<string, Way>> = {
  chat: ({ canary }, _, random) =>
    post('/v1/chat/completions', { ...chat(canary), stream: stream(random), store: random() < 0.5 }, 'completion'),
  completion: ({ canary }, _, random) =>
    post('/v1/completions', { model: 'scripted', prompt: `say ${canary}`, stream: stream(random) }),
  message: ({ canary }, _, random) => post('/v1/messages', { ...chat(canary), max_tokens: 99, stream: stream(random) }),
  response: ({ canary }, _, random) =>
    post('/v1/responses', { model: 'scripted', input: canary, stream: stream(random) }, 'response'),
  'response after another': ({ canary }, thing) =>
    post('/v1/responses', { model: 'scripted', input: canary, previous_response_id: thing('response') }),
  'response in a conversation': ({ canary }, thing) =>
    post('/v1/responses', { model: 'scripted', input: canary, conversation: thing('items') }),
  'response in the background': ({ canary }) =>
    post('/v1/responses', { model: 'scripted', input: canary, background: true }, 'response'),
  'response read': (_, thing) => get(`/v1/responses/${thing('response')}`),
  'response read on': (_, thing) => get(`/v1/responses/${thing('response')}?stream=true`),
  'response input': (_, thing) => get(`/v1/responses/${thing('response')}/input_items`),
  completions: () => get('/v1/chat/completions'),
  'completion read': (_, thing) => get(`/v1/chat/completions/${thing('completion')}/messages`),
  items: ({ canary }) => post('/v1/conversations', { items: [item(canary)], metadata: { canary } }, 'items'),
  'items read': (_, thing) => get(`/v1/conversations/${thing('items')}/items`),
  talk: ({ canary }) => {
    const id = unique('conv')
    const body = {
      parent: null,
      question: { id: unique('msg'), text: `what of ${canary}` },
      answer: { id: `msg_${id}` },
      create: {},
    }
    return { ...post(`/api/conversations/${id}/answers`, body), makes: 'talk', named: id }
  },
  'answer read on': (_, thing) => {
    const id = thing('talk')
    return get(`/api/conversations/${id}/answers/msg_${id}/events`)
  },
  titles: () => get('/api/conversations'),
  branch: (_, thing) => get(`/api/conversations/${thing('talk')}/branch`),
  messages: (_, thing) => get(`/api/conversations/${thing('talk')}/messages`),
  export: (_, thing, random) =>
    get(`/api/conversations/${thing('talk')}/export?format=${random() < 0.5 ? 'json' : 'markdown'}`),
  rename: ({ canary }, thing) => ({
    method: 'PATCH',
    path: `/api/conversations/${thing('talk')}`,
    body: { title: `named ${canary}` },
  }),
  search: ({ canary }, _, random) => get(`/api/conversations/search?q=${random() < 0.5 ? canary : 'canary'}`),
  opinion: ({ canary }, thing) => {
    const id = thing('talk')
    return {
      method: 'PUT',
      path: `/api/conversations/${id}/messages/msg_${id}/feedback`,
      body: { rating: -1, comment: canary },
    }
  },
  opinions: (_, thing) => get(`/api/conversations/${thing('talk')}/feedback`),
  folder: ({ canary }) => post('/api/conversations/folders', { name: canary, settings: { instructions: canary } }),
  folders: () => get('/api/conversations/folders'),
  instructions: ({ canary }) => ({
    method: 'PATCH',
    path: '/api/conversations/preferences',
    body: { instructions: `always say ${canary}` },
  }),
  preferences: () => get('/api/conversations/preferences'),
  file: ({ canary }) => form('/v1/files', 'user_data', `${canary}.txt`, `in the file ${canary}`, 'file'),
  files: () => get('/v1/files'),
  'file read': (_, thing) => get(`/v1/files/${thing('file')}/content`),
  lines: ({ canary }) => {
    const line = { custom_id: canary, method: 'POST', url: '/v1/chat/completions', body: chat(canary) }
    return form('/v1/files', 'batch', `${canary}.jsonl`, JSON.stringify(line), 'lines')
  },
  batch: ({ canary }, thing) => {
    const wish = { endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { canary } }
    return post('/v1/batches', { ...wish, input_file_id: thing('lines') }, 'batch')
  },
  batches: () => get('/v1/batches'),
  figures: (_me, _thing, random) => get(pick(figures, random)),
}

const figures = [
  '/metrics',
  '/v1/organization/usage/completions?start_time=0&group_by=user_id',
  '/v1/organization/costs?start_time=0',
  '/v1/organization/audit_logs',
  '/v1/organization/limits',
  '/v1/organization/users',
  '/v1/organization/projects',
  '/api/organization/members',
  '/api/organization/keys',
  '/health',
  '/v1/models',
]

export const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)]
