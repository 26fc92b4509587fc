import { randomUUID } from 'node:crypto'

/** Every POST that creates something, what it is asked with, and where afterwards that is to be seen. */

/** Things that were there before. */
export interface Ground {
  url: string
  /** Has a question, and the answer `msg_answer`. */
  talk: string
  conversation: string
  lines: string
  /** An upload that waits for parts, and one whose part is there: a new one for each try. */
  upload(): Promise<{ id: string; part: string }>
  project: string
}

export interface Asked {
  path: string
  body: object
  /** A file; the body's fields stand beside it. */
  file?: { field: string; name: string; content: string }
}

export interface Creation {
  ask(ground: Ground, mark: string): Asked | Promise<Asked>
  /** Where the mark is found once it was acknowledged; null for what leaves nothing but a row of the ledger. */
  seen: ((reply: { id: string }, ground: Ground, asked: Asked) => string) | null
  stream?: true
}

const chat = (mark: string) => ({ model: 'scripted', messages: [{ role: 'user', content: mark }] })
const unique = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`
const user = (mark: string) => ({ type: 'message', role: 'user', content: mark })
const stored = '/v1/chat/completions/'

/** By address, and what is special behind it. */
export const creations: Readonly<Record<string, Creation>> = {
  'POST /api/conversations': {
    ask: (_, mark) => ({ path: '/api/conversations', body: { title: mark } }),
    seen: ({ id }) => `/api/conversations/${id}`,
  },
  'POST /api/conversations/folders': {
    ask: (_, mark) => ({ path: '/api/conversations/folders', body: { name: mark } }),
    seen: () => '/api/conversations/folders',
  },
  'POST /api/conversations/import': {
    ask: (_, mark) => ({
      path: '/api/conversations/import',
      body: {
        title: mark,
        created: 1,
        updated: 1,
        leaf: 'a',
        messages: [{ id: 'a', parent: null, role: 'user', text: mark, created: 1 }],
      },
    }),
    seen: ({ id }) => `/api/conversations/${id}/branch`,
  },
  'POST /api/conversations/:id/answers': {
    ask: (_, mark) => ({
      path: `/api/conversations/${unique('conv')}/answers`,
      body: {
        parent: null,
        question: { id: unique('msg'), text: mark.padEnd(20_000, 'x') },
        answer: { id: unique('msg') },
        create: {},
      },
    }),
    seen: (_reply, _ground, { path }) => path.replace(/answers$/, 'branch'),
  },
  'POST /api/conversations/:id/messages/:message/better': {
    ask: ({ talk }, mark) => ({
      path: `/api/conversations/${talk}/messages/msg_answer/better`,
      body: { id: unique('msg'), text: mark },
    }),
    seen: (_, { talk }) => `/api/conversations/${talk}/messages`,
  },
  'POST /v1/conversations': {
    ask: (_, mark) => ({ path: '/v1/conversations', body: { items: [user(mark)], metadata: { mark } } }),
    seen: ({ id }) => `/v1/conversations/${id}/items`,
  },
  'POST /v1/conversations/:conversation_id/items': {
    ask: ({ conversation }, mark) => ({
      path: `/v1/conversations/${conversation}/items`,
      body: { items: [user(mark)] },
    }),
    seen: (_, { conversation }) => `/v1/conversations/${conversation}/items?limit=100&order=desc`,
  },
  'POST /v1/responses': {
    ask: (_, mark) => ({ path: '/v1/responses', body: { model: 'scripted', input: mark, store: true } }),
    seen: ({ id }) => `/v1/responses/${id}/input_items`,
  },
  'POST /v1/responses, streamed': {
    ask: (_, mark) => ({ path: '/v1/responses', body: { model: 'scripted', input: mark, store: true, stream: true } }),
    seen: ({ id }) => `/v1/responses/${id}/input_items`,
    stream: true,
  },
  'POST /v1/chat/completions': {
    ask: (_, mark) => ({ path: '/v1/chat/completions', body: { ...chat(mark), store: true } }),
    seen: ({ id }) => `${stored}${id}/messages`,
  },
  'POST /v1/chat/completions, streamed': {
    ask: (_, mark) => ({ path: '/v1/chat/completions', body: { ...chat(mark), store: true, stream: true } }),
    seen: ({ id }) => `${stored}${id}/messages`,
    stream: true,
  },
  'POST /v1/completions': {
    ask: (_, mark) => ({ path: '/v1/completions', body: { model: 'scripted', prompt: mark, stream: true } }),
    seen: null,
    stream: true,
  },
  'POST /v1/messages': {
    ask: (_, mark) => ({ path: '/v1/messages', body: { ...chat(mark), max_tokens: 50, stream: true } }),
    seen: null,
    stream: true,
  },
  'POST /v1/embeddings': {
    ask: (_, mark) => ({ path: '/v1/embeddings', body: { model: 'scripted', input: mark } }),
    seen: null,
  },
  'POST /infill': {
    ask: (_, mark) => ({ path: '/infill', body: { input_prefix: mark, input_suffix: '', n_predict: 4 } }),
    seen: null,
  },
  'POST /v1/files': {
    ask: (_, mark) => ({
      path: '/v1/files',
      body: { purpose: 'user_data' },
      file: { field: 'file', name: 'a.txt', content: mark.padEnd(30_000, 'x') },
    }),
    seen: ({ id }) => `/v1/files/${id}/content`,
  },
  'POST /v1/uploads': {
    ask: (_, mark) => ({
      path: '/v1/uploads',
      body: { filename: mark, purpose: 'user_data', bytes: 4, mime_type: 'text/plain' },
    }),
    // Nothing shows an upload but what is done with it.
    seen: null,
  },
  'POST /v1/uploads/:upload_id/parts': {
    ask: async ({ upload }, mark) => ({
      path: `/v1/uploads/${(await upload()).id}/parts`,
      body: {},
      file: { field: 'data', name: 'part', content: mark.slice(-4) },
    }),
    seen: null,
  },
  'POST /v1/uploads/:upload_id/complete': {
    ask: async ({ upload }) => {
      const { id, part } = await upload()
      return { path: `/v1/uploads/${id}/complete`, body: { part_ids: [part] } }
    },
    seen: null,
  },
  'POST /v1/batches': {
    ask: ({ lines }, mark) => ({
      path: '/v1/batches',
      body: {
        input_file_id: lines,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
        metadata: { mark },
      },
    }),
    seen: ({ id }) => `/v1/batches/${id}`,
  },
  'POST /api/keys': {
    ask: (_, mark) => ({ path: '/api/keys', body: { name: mark } }),
    seen: () => '/api/keys',
  },
  'POST /api/organization/invitations': {
    ask: (_, mark) => ({
      path: '/api/organization/invitations',
      body: { email: `${mark}@example.org`, role: 'member' },
    }),
    seen: () => '/api/organization/invitations',
  },
  'POST /api/organization/projects': {
    ask: (_, mark) => ({ path: '/api/organization/projects', body: { name: mark } }),
    seen: () => '/api/organization/projects',
  },
  'POST /api/organizations': {
    ask: (_, mark) => ({ path: '/api/organizations', body: { name: mark } }),
    seen: () => '/api/organizations',
  },
  'POST /v1/organization/projects': {
    ask: (_, mark) => ({ path: '/v1/organization/projects', body: { name: mark } }),
    seen: ({ id }) => `/v1/organization/projects/${id}`,
  },
  'POST /v1/organization/limits': {
    ask: (_, mark) => ({
      path: '/v1/organization/limits',
      body: { subject: `person:${mark}`, metric: 'tokens', period: 'day', maximum: 1 },
    }),
    seen: () => '/v1/organization/limits',
  },
  'POST /v1/organization/prices': {
    ask: (_, mark) => ({
      path: '/v1/organization/prices',
      body: { model: mark, currency: 'EUR', input: 1, cached: 1, output: 1 },
    }),
    seen: () => '/v1/organization/prices',
  },
}

/** POSTs that create nothing, change what is there, or belong to people's own accounts, which a local owner has not. */
export const others: ReadonlySet<string> = new Set([
  'POST /v1/messages/count_tokens',
  'POST /v1/responses/input_tokens',
  'POST /v1/responses/:response_id/cancel',
  'POST /v1/chat/completions/:completion_id',
  'POST /v1/conversations/:conversation_id',
  'POST /v1/uploads/:upload_id/cancel',
  'POST /v1/batches/:batch_id/cancel',
  'POST /api/conversations/:id/restore',
  'POST /api/conversations/changes',
  'POST /api/conversations/:id/answers/:answer/stop',
  'POST /v1/organization/projects/:project_id',
  'POST /v1/organization/projects/:project_id/archive',
  'POST /api/session',
  'POST /api/invitations/look',
  'POST /api/invitations/accept',
  'POST /api/account/first',
  'POST /api/account/totp',
  'POST /api/account/totp/confirm',
  'POST /api/account/totp/remove',
])

const json = { 'content-type': 'application/json' }

export function post(url: string, { path, body, file }: Asked): Promise<Response> {
  if (file === undefined) return fetch(url + path, { method: 'POST', headers: json, body: JSON.stringify(body) })
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) form.set(name, value)
  form.set(file.field, new File([file.content], file.name))
  return fetch(url + path, { method: 'POST', body: form })
}

async function made(url: string, asked: Asked): Promise<{ id: string }> {
  const reply = await post(url, asked)
  if (!reply.ok) throw new Error(`${asked.path}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as { id: string }
}

async function begunUpload(url: string): Promise<{ id: string; part: string }> {
  const wish = { filename: 'a', purpose: 'user_data', bytes: 4, mime_type: 'text/plain' }
  const { id } = await made(url, { path: '/v1/uploads', body: wish })
  const file = { field: 'data', name: 'part', content: 'part' }
  return { id, part: (await made(url, { path: `/v1/uploads/${id}/parts`, body: {}, file })).id }
}

/** Makes what creations stand on. @param uploads that are begun now, before there is any trouble */
export async function prepare(url: string, uploads: number): Promise<Ground> {
  const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: chat('a') }
  const file = { field: 'file', name: 'a.jsonl', content: JSON.stringify(line) }
  const talk = unique('conv')
  const question = {
    parent: null,
    question: { id: 'msg_question', text: 'a' },
    answer: { id: 'msg_answer' },
    create: {},
  }
  await made(url, { path: `/api/conversations/${talk}/answers`, body: question })
  const begun: { id: string; part: string }[] = []
  while (begun.length < uploads) begun.push(await begunUpload(url))
  return {
    url,
    talk,
    conversation: (await made(url, { path: '/v1/conversations', body: {} })).id,
    lines: (await made(url, { path: '/v1/files', body: { purpose: 'batch' }, file })).id,
    project: (await made(url, { path: '/api/organization/projects', body: { name: 'a' } })).id,
    upload: async () => begun.pop() ?? (await begunUpload(url)),
  }
}
