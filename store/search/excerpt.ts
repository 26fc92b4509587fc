import { normalise } from './grams.ts'

export interface Excerpt {
  /** The words around the first place that was found. */
  excerpt: string
  /** Where in the excerpt what was looked for stands: from and to, in order, none within another. */
  marks: [from: number, to: number][]
}

const around = 60

/** Cuts a text around the first place where one of the terms stands, and says where they all stand. */
export function excerptOf(text: string, terms: readonly string[]): Excerpt {
  const first = placesOf(text, terms)[0]?.[0] ?? 0
  const longest = terms.find((term) => term.length > around)?.length ?? 0
  const cut = text.slice(Math.max(0, first - around), first + longest + 2 * around)
  // A character of two halves may have been cut through.
  const excerpt = cut
    .replaceAll(/\p{Surrogate}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return { excerpt, marks: placesOf(excerpt, terms) }
}

/** Where terms that `normalise` returned stand in a text as it was written. */
export function placesOf(text: string, terms: readonly string[]): [from: number, to: number][] {
  let normal = ''
  const origin: number[] = []
  let at = 0
  for (const letter of text) {
    const same = normalise(letter)
    for (let half = 0; half < same.length; half++) origin.push(at)
    normal += same
    at += letter.length
  }
  origin.push(text.length)
  const found: [number, number][] = []
  for (const term of terms) {
    for (let from = normal.indexOf(term); from >= 0; from = normal.indexOf(term, from + term.length)) {
      const last = origin[from + term.length - 1]
      const to = origin.find((start, index) => index >= from + term.length && start > last) ?? text.length
      found.push([origin[from], to])
    }
  }
  return joined(found.sort((a, b) => a[0] - b[0] || a[1] - b[1]))
}

function joined(spans: [number, number][]): [number, number][] {
  const out: [number, number][] = []
  for (const [from, to] of spans) {
    const last = out.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}
