import type { Message } from '#store/conversations'
import type { Store } from '#store/open'
import { textOf } from './prompt.ts'

export interface ExportedFile {
  name: string
  type: string
  text: string
}

/** A conversation as a file that a person keeps. */
export async function exported(
  store: Store,
  owner: string,
  id: string,
  format: 'json' | 'markdown',
): Promise<ExportedFile> {
  const conversation = await store.conversations.get(owner, id)
  const name = conversation.title.replaceAll(/[\p{C}/\\:*?"<>|]+/gu, ' ').trim() || 'conversation'
  if (format === 'json') {
    const file = { format: 'dotline.conversation', version: 1, conversation, messages: await all(store, owner, id) }
    return { name: `${name}.json`, type: 'application/json; charset=utf-8', text: `${JSON.stringify(file, null, 2)}\n` }
  }
  const shown = await store.conversations.branch(owner, id)
  const parts = shown.map((message) => `## ${speaker(message)}\n\n${textOf(message.content).trim()}\n`)
  const text = [`# ${conversation.title}\n`, ...parts].join('\n')
  return { name: `${name}.md`, type: 'text/markdown; charset=utf-8', text }
}

const speaker = ({ role, model, created }: Message): string =>
  `${role === 'assistant' ? (model ?? 'assistant') : role} · ${new Date(created).toISOString()}`

export async function all(store: Store, owner: string, id: string): Promise<Message[]> {
  const found: Message[] = []
  let after: string | undefined
  do {
    const page = await store.conversations.messages(owner, id, { limit: 1000, after })
    found.push(...page.data)
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}
