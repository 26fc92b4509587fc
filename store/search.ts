import type { Ground } from './ground/operation.ts'
import { slow } from './ground/operation.ts'
import { type Page, pageOf, pageSize, readCursor } from './ground/values.ts'
import { type Excerpt, excerptOf, placesOf } from './search/excerpt.ts'
import { findMessages } from './search/gram-index.ts'
import { normalise, type Query, readQuery } from './search/grams.ts'

export interface Hit extends Excerpt {
  conversation: string
  title: string
  message: string
  role: string
  created: number
}

export interface TitleHit {
  id: string
  title: string
  marks: [from: number, to: number][]
}

/** Messages that are read at most for one page: pieces of words can stand in a text without the word. */
const examinedMost = 2000
const atOnce = 100

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
  titles: slow(async (ground, owner: string, words: string, limit?: number): Promise<TitleHit[]> => {
    const { terms } = readQuery(words)
    if (terms.length === 0) return []
    const rows = await ground.db
      .selectFrom('conversations')
      .select(['id', 'title'])
      .where('owner', '=', owner)
      .where('discarded', 'is', null)
      .orderBy('updated', 'desc')
      .execute()
    const found = rows.filter(({ title }) => holds(normalise(title), terms))
    return found.slice(0, pageSize(limit)).map((one) => ({ ...one, marks: placesOf(one.title, terms) }))
  }),
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
    .where('discarded', 'is', null)
    .orderBy('seq', 'desc')
    .execute()
  return rows
    .filter(({ text }) => holds(normalise(text), terms))
    .map(({ text, ...row }) => ({ ...row, ...excerptOf(text, terms) }))
}

const holds = (text: string, terms: readonly string[]): boolean => terms.every((term) => text.includes(term))

function withoutSeq({ data, next }: Page<Hit & { seq: number }>): Page<Hit> {
  return { data: data.map(({ seq: _, ...hit }) => hit), next }
}
