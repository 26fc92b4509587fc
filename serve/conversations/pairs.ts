import type { Message } from '#store/conversations'
import type { Feedback } from '#store/feedback'
import type { Store } from '#store/open'
import type { AnswerDetail } from '#wire/conversations'
import { all } from './export.ts'
import { textOf, turnsOf } from './prompt.ts'

interface Pair {
  prompt: { role: string; content: string }[]
  chosen: { role: 'assistant'; content: string }[]
  rejected: { role: 'assistant'; content: string }[]
}

/**
 * Preferred answers beside those that were not, to the same question: the person's own better answer before the one that
 * it replaces, and an answer that was liked before its alternatives that were disliked. One JSON record a line.
 */
export async function pairLines(store: Store, owner: string): Promise<string> {
  const judged = await conversationsOf(store, owner)
  const lines: string[] = []
  for (const [conversation, opinions] of judged) {
    const messages = await all(store, owner, conversation).catch(() => [])
    for (const pair of pairsOf(messages, opinions)) lines.push(JSON.stringify(pair))
  }
  return lines.map((line) => `${line}\n`).join('')
}

async function conversationsOf(store: Store, owner: string): Promise<Map<string, Feedback[]>> {
  const found = new Map<string, Feedback[]>()
  let after: string | undefined
  do {
    const page = await store.feedback.list(owner, { limit: 1000, after })
    for (const each of page.data) found.set(each.conversation, [...(found.get(each.conversation) ?? []), each])
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}

export function pairsOf(messages: readonly Message[], opinions: readonly Feedback[]): Pair[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const rating = new Map(opinions.map((each) => [each.message, each.rating]))
  const better = (one: Message, other: Message): boolean => {
    if ((one.detail as AnswerDetail).instead === other.id) return rating.get(other.id) === -1
    return rating.get(one.id) === 1 && rating.get(other.id) === -1
  }
  const pairs: Pair[] = []
  for (const rejected of messages) {
    if (rejected.role !== 'assistant' || rating.get(rejected.id) !== -1) continue
    for (const chosen of messages) {
      if (chosen.parent !== rejected.parent || !better(chosen, rejected)) continue
      const [good, bad] = [textOf(chosen.content).trim(), textOf(rejected.content).trim()]
      if (good === '' || bad === '' || good === bad) continue
      pairs.push({ prompt: promptOf(rejected, byId), chosen: said(good), rejected: said(bad) })
    }
  }
  return pairs.filter(({ prompt }) => prompt.length > 0)
}

const said = (content: string): Pair['chosen'] => [{ role: 'assistant', content }]

function promptOf(answer: Message, byId: ReadonlyMap<string, Message>): Pair['prompt'] {
  const path: Message[] = []
  for (let at = answer.parent; at !== null; at = path[0].parent) {
    const message = byId.get(at)
    if (message === undefined) break
    path.unshift(message)
  }
  return turnsOf(path, '').map(({ role, content }) => ({ role, content }))
}
