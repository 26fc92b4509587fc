import { widthAt } from './character-class.ts'
import type { Splitter } from './split.ts'

/** One learnt merge: the ids that become the next new id. */
export interface Merge {
  left: number
  right: number
}

/** Distinct pieces held at once; beyond it those seen only once are dropped. */
const MAX_WORDS = 4_000_000
/** A piece longer than this (a page without a break) is cut, since no token is to be that long. */
const MAX_UNITS = 1024

/** How often each distinct piece of the texts occurs. */
export function countWords(texts: Iterable<string>, split: Splitter): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) {
    for (let start = 0; start < text.length; ) {
      let end = split(text, start)
      if (end - start > MAX_UNITS) end = start + MAX_UNITS - 1 + widthAt(text, start + MAX_UNITS - 1)
      // A piece of one byte has no pair.
      if (end - start > 1 || text.charCodeAt(start) > 0x7f) {
        const word = text.slice(start, end)
        const count = counts.get(word)
        if (count === undefined) counts.set(unshared(word), 1)
        else counts.set(word, count + 1)
      }
      start = end
    }
    if (counts.size > MAX_WORDS) for (const [word, count] of counts) if (count === 1) counts.delete(word)
  }
  return counts
}

/** A slice keeps the whole text that it was cut from in memory; a copy does not, so that a corpus can stream by. */
function unshared(word: string): string {
  return Buffer.from(word, 'utf16le').toString('utf16le')
}
