/** Rows of what is kept between requests: completions, background responses, conversations, uploads; and of who runs it all. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import OpenAI, { toFile } from 'openai'
import { curl } from './curl.ts'
import type { Row } from './row.ts'
import { said } from './scripts.ts'
import type { Site } from './site.ts'

const model = 'scripted'
const messages = [{ role: 'user' as const, content: 'Hi' }]
const openai = ({ url }: Site) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', adminAPIKey: 'none', maxRetries: 0 })
const slowly = { tokens: () => Array.from({ length: 400 }, () => 'tick '), delayMs: 20 }

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of pages) found.push(one)
  return found
}

export const keptCompletions: Row = {
  endpoint: 'POST /v1/chat/completions',
  english: 'kept with `store`: listed by metadata, read again with what was asked, changed, deleted',
  chinese: '用 `store` 保存：按元数据列出、连同提问再次读取、修改、删除',
  python: 'kept',
  checks: {
    openai: async (site) => {
      const { completions } = openai(site).chat
      const made = await completions.create({ model, messages, store: true, metadata: { of: 'npm' } })
      const listed = await all(completions.list({ metadata: { of: 'npm' } }))
      deepEqual(
        listed.map(({ id }) => id),
        [made.id],
      )
      equal((await completions.retrieve(made.id)).choices[0].message.content, said)
      deepEqual(
        (await all(completions.messages.list(made.id))).map(({ content }) => content),
        ['Hi'],
      )
      deepEqual((await completions.update(made.id, { metadata: { of: 'no' } })).metadata, { of: 'no' })
      equal((await completions.delete(made.id)).deleted, true)
    },
  },
}

export const backgroundResponses: Row = {
  endpoint: 'POST /v1/responses',
  english: 'in the background: its stream read on from any event, cancelled; input items; its length counted before',
  chinese: '后台生成：从任一事件续读、取消；输入条目；事先计数',
  checks: {
    openai: async (site) => {
      const { responses } = openai(site)
      equal((await responses.inputTokens.count({ model, input: 'Hi' })).input_tokens, 7)
      let first = { id: '', at: -1 }
      const asked = { model, input: 'Hi', background: true, stream: true } as const
      for await (const event of await responses.create(asked)) {
        if (event.type === 'response.created') first = { id: event.response.id, at: event.sequence_number }
        if (event.type === 'response.in_progress') break
      }
      const rest = []
      for await (const event of await responses.retrieve(first.id, { stream: true, starting_after: first.at }))
        rest.push(event)
      equal(rest[0].sequence_number, first.at + 1)
      equal(rest.at(-1)?.type, 'response.completed')
      deepEqual(
        (await all(responses.inputItems.list(first.id))).map((item) => item.type === 'message' && item.role),
        ['user'],
      )
      site.play(slowly)
      const long = await responses.create({ model, input: 'Count', background: true })
      ok(['queued', 'in_progress'].includes(long.status ?? ''))
      equal((await responses.cancel(long.id)).status, 'cancelled')
    },
  },
}

export const conversations: Row = {
  endpoint: 'POST /v1/conversations',
  english: 'items added, listed, read and deleted; responses continue it',
  chinese: '条目：添加、列出、读取、删除；响应接续对话',
  python: 'conversations',
  checks: {
    openai: async (site) => {
      const client = openai(site)
      const items = [{ type: 'message' as const, role: 'user' as const, content: 'My name is Ann.' }]
      const { id } = await client.conversations.create({ items, metadata: { topic: 'names' } })
      equal((await client.responses.create({ model, input: 'Who am I?', conversation: id })).output_text, said)
      const seen = (site.engine.requests.at(-1) as unknown as { messages: { content: string }[] }).messages
      deepEqual(
        seen.map(({ content }) => content),
        ['My name is Ann.', 'Who am I?'],
      )
      const listed = await all(client.conversations.items.list(id, { order: 'asc' }))
      deepEqual(
        listed.map((item) => item.type === 'message' && item.role),
        ['user', 'user', 'assistant'],
      )
      const added = await client.conversations.items.create(id, { items })
      const one = added.data[0].id ?? ''
      equal((await client.conversations.items.retrieve(one, { conversation_id: id })).type, 'message')
      equal((await client.conversations.items.delete(one, { conversation_id: id })).id, id)
      deepEqual((await client.conversations.update(id, { metadata: { topic: 'none' } })).metadata, { topic: 'none' })
      equal((await client.conversations.retrieve(id)).object, 'conversation')
      equal((await client.conversations.delete(id)).deleted, true)
    },
    curl: async (site) => {
      const made = JSON.parse((await curl(site, '/v1/conversations', {})).body)
      const { body } = await curl(site, `/v1/conversations/${made.id}/items`)
      deepEqual(JSON.parse(body).data, [])
    },
  },
}

export const uploads: Row = {
  endpoint: 'POST /v1/uploads',
  english: 'a file in parts, put together and checked; or given up',
  chinese: '分片上传：合并并校验，或放弃',
  python: 'uploads',
  checks: {
    openai: async (site) => {
      const { files, uploads: each } = openai(site)
      const whole = Buffer.from(said.repeat(3))
      const about = {
        bytes: whole.length,
        filename: 'said.txt',
        mime_type: 'text/plain',
        purpose: 'user_data',
      } as const
      const { id } = await each.create(about)
      const parts = []
      for (const part of [whole.subarray(0, 20), whole.subarray(20)])
        parts.push((await each.parts.create(id, { data: await toFile(part) })).id)
      const { file, status } = await each.complete(id, { part_ids: parts })
      equal(status, 'completed')
      equal(await (await files.content(file?.id ?? '')).text(), whole.toString())
      const other = await each.create(about)
      equal((await each.cancel(other.id)).status, 'cancelled')
      await rejects(each.complete(other.id, { part_ids: ['part_x'] }), { param: 'upload_id' })
    },
  },
}

export const organization: Row = {
  endpoint: 'GET /v1/organization/*',
  english: 'usage and costs by time, model and project; projects, people, keys; the audit log',
  chinese: '用量与费用（按时间、模型、项目）；项目、成员、密钥；审计日志',
  checks: {
    openai: async (site) => {
      const client = openai(site)
      const { usage, projects, users, adminAPIKeys, auditLogs } = client.admin.organization
      await client.chat.completions.create({ model, messages })
      const start_time = Math.floor(Date.now() / 1000) - 86_400
      const asked = { start_time, group_by: ['model'] as ['model'] }
      const counted = async () =>
        (await usage.completions(asked)).data.flatMap(({ results }) =>
          results.map((each) => 'num_model_requests' in each && each.num_model_requests),
        )
      // The ledger is written after the answer.
      for (let tries = 0; (await counted()).length === 0 && tries < 100; tries++) await wait(50)
      ok(Number((await counted())[0]) >= 1)
      equal((await usage.embeddings({ start_time })).object, 'page')
      equal((await usage.costs({ start_time })).object, 'page')
      const { id } = await projects.create({ name: 'first' })
      equal((await projects.update(id, { name: 'second' })).name, 'second')
      ok((await all(projects.list())).some((project) => project.id === id))
      equal((await projects.retrieve(id)).status, 'active')
      deepEqual(await all(projects.users.list(id)), [])
      deepEqual(await all(projects.apiKeys.list(id)), [])
      deepEqual(await all(users.list()), [])
      deepEqual(await all(adminAPIKeys.list()), [])
      equal((await projects.archive(id)).status, 'archived')
      const acts = (await all(auditLogs.list({ limit: 1 }))).map(({ type }) => String(type))
      deepEqual(acts.slice(0, 3), ['project.archived', 'project.updated', 'project.created'])
    },
    curl: async (site) => {
      equal(JSON.parse((await curl(site, '/v1/organization/projects')).body).object, 'list')
    },
  },
}
