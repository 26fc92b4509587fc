import type { Ground } from './ground/operation.ts'
import { slow } from './ground/operation.ts'
import { type Page, pageOf, pageSize, readCursor } from './ground/values.ts'
import { findMessages } from './search/gram-index.ts'
import { normalise, type Query, readQuery } from './search/grams.ts'

export interface Hit {
  conversation: string
  title: string
  message: string
  role: string
  created: number
  /** The words around the first place that was found. */
  excerpt: string
}

/** Messages that are read at most for one page: pieces of words can stand in a text without the word. */
const examinedMost = 2000
const atOnce = 100
const around = 60

export const search = {
  /** Messages of the owner in which every word of the query stands, newest first. */
  messages: slow(
    async (ground, owner: string, words: string, page: { limit?: number; after?: string } = {}): Promise<Page<Hit>> => {
      const query = readQuery(words)
      if (query.grams.length === 0) return { data: [], next: null }
      const size = pageSize(page.limit)
      let before =
        page.after === undefined ? Number.MAX_SAFE_INTEGER : (readCursor(page.after, ['number'])[0] as number)
      const hits: (Hit & { seq: number })[] = []
      for (let examined = 0; examined < examinedMost && hits.length <= size; ) {
        const candidates = await findMessages(ground, owner, query.grams, before, atOnce)
        hits.push(...(await confirmed(ground, owner, candidates, query)))
        if (candidates.length < atOnce) return withoutSeq(pageOf(hits, size, (last) => [last.seq]))
        before = candidates.at(-1)!
        examined += candidates.length
      }
      // Fewer than asked for, and not at the end: the next page goes on where this one stopped looking.
      if (hits.length <= size) return withoutSeq({ data: hits, next: pageOf([before, 0], 1, () => [before]).next })
      return withoutSeq(pageOf(hits, size, (last) => [last.seq]))
    },
  ),

  /** Conversations of the owner whose title holds every word, newest first. */
  titles: slow(
    async (ground, owner: string, words: string, limit?: number): Promise<{ id: string; title: string }[]> => {
      const { terms } = readQuery(words)
      if (terms.length === 0) return []
      const rows = await ground.db
        .selectFrom('conversations')
        .select(['id', 'title'])
        .where('owner', '=', owner)
        .orderBy('updated', 'desc')
        .execute()
      const found = rows.filter(({ title }) => holds(normalise(title), terms))
      return found.slice(0, pageSize(limit))
    },
  ),
}

async function confirmed(
  ground: Ground,
  owner: string,
  seqs: number[],
  { terms }: Query,
): Promise<(Hit & { seq: number })[]> {
  if (seqs.length === 0) return []
  const rows = await ground.db
    .selectFrom('messages')
    .innerJoin('conversations', (join) =>
      join.onRef('conversations.owner', '=', 'messages.owner').onRef('conversations.id', '=', 'messages.conversation'),
    )
    .select(['seq', 'conversation', 'messages.id as message', 'role', 'text', 'messages.created', 'title'])
    .where('messages.owner', '=', owner)
    .where('seq', 'in', seqs)
    .orderBy('seq', 'desc')
    .execute()
  return rows
    .filter(({ text }) => holds(normalise(text), terms))
    .map(({ text, ...row }) => ({ ...row, excerpt: excerptOf(text, terms) }))
}

const holds = (text: string, terms: readonly string[]): boolean => terms.every((term) => text.includes(term))

function excerptOf(text: string, terms: readonly string[]): string {
  const at = Math.max(0, text.toLowerCase().indexOf(terms[0]))
  const cut = text.slice(Math.max(0, at - around), at + terms[0].length + around)
  // A character of two halves may have been cut through.
  return cut
    .replaceAll(/\p{Surrogate}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function withoutSeq({ data, next }: Page<Hit & { seq: number }>): Page<Hit> {
  return { data: data.map(({ seq: _, ...hit }) => hit), next }
}
