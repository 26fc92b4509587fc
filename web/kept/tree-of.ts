import type { AnswerDetail, KeptMessage } from '#wire/conversations'
import { type Details, type Message, root, type Tree } from '../conversation/tree.ts'
import type { Failure, FailureKind } from '../stream/failure.ts'

/** What the server keeps of a conversation as the tree that the page shows. */
export function treeOf(kept: readonly KeptMessage[], leaf: string | null): Tree {
  const messages: Record<string, Message> = {}
  const children: Record<string, string[]> = {}
  const chosen: Record<string, string> = {}
  for (const one of kept) {
    if (one.role !== 'user' && one.role !== 'assistant') continue
    const parent = one.parent ?? root
    messages[one.id] = messageOf(one, parent)
    ;(children[parent] ??= []).push(one.id)
    chosen[parent] = one.id
  }
  for (let at = leaf === null ? undefined : messages[leaf]; at; at = messages[at.parent]) chosen[at.parent] = at.id
  return { messages, children, chosen, next: kept.length + 1 }
}

function messageOf({ id, role, content, model, detail, created }: KeptMessage, parent: string): Message {
  const known = detail as AnswerDetail
  // An answer that goes on is read again from where it went on.
  const text = known.state === 'writing' ? textOf(content).slice(0, known.base ?? 0) : textOf(content)
  const base = { id, parent, text, created }
  if (role === 'user') return { ...base, role, state: 'done', failure: null, details: null }
  return {
    ...base,
    role: 'assistant',
    state: stateOf(known),
    failure: failureOf(known),
    details: { ...detailsOf(known), model: known.author === 'person' ? '' : (model ?? '') },
    ...(known.author === 'person' && { author: 'person' as const }),
  }
}

export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part: { text?: unknown }) => (typeof part?.text === 'string' ? part.text : '')).join('')
}

export function stateOf({ state }: AnswerDetail): Message['state'] {
  if (state === 'lost') return 'failed'
  return state ?? 'done'
}

export function failureOf({ state, error }: AnswerDetail): Failure | null {
  if (state === 'lost') return { kind: 'lost', detail: '', requestId: '' }
  if (state !== 'failed') return null
  const kinds: Record<string, FailureKind> = {
    overloaded: 'busy',
    rate_limit_exceeded: 'busy',
    insufficient_quota: 'refused',
    model_unavailable: 'unready',
    context_length_exceeded: 'refused',
  }
  return { kind: kinds[error?.code ?? ''] ?? 'server', detail: error?.message ?? '', requestId: error?.request ?? '' }
}

export function detailsOf(detail: AnswerDetail): Omit<Details, 'model'> {
  return {
    promptTokens: detail.prompt_tokens ?? null,
    completionTokens: detail.completion_tokens ?? null,
    firstTokenMs: detail.first_token_ms ?? null,
    totalMs: detail.total_ms ?? 0,
    finishReason: detail.finish ?? '',
    dropped: detail.dropped ?? 0,
    seed: detail.seed ?? null,
    cost: detail.cost ?? null,
  }
}
