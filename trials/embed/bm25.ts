/** Okapi BM25 with the usual constants: words of letters and digits, and pairs of neighbouring characters in Chinese. */
const saturation = 1.2
const lengthWeight = 0.75

export function termsOf(text: string): string[] {
  const words: string[] = []
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    if (!/\p{Script=Han}/u.test(word)) words.push(word)
    else for (let at = 0; at < Math.max(1, word.length - 1); at++) words.push(word.slice(at, at + 2))
  }
  return words
}

/** How well each text answers to a query. */
export function bm25(texts: readonly string[]): (query: string) => Float64Array {
  const postings = new Map<string, Map<number, number>>()
  const lengths = texts.map((text, at) => {
    const terms = termsOf(text)
    for (const term of terms) {
      const found = postings.get(term) ?? new Map<number, number>()
      postings.set(term, found.set(at, (found.get(at) ?? 0) + 1))
    }
    return terms.length
  })
  const mean = lengths.reduce((sum, each) => sum + each, 0) / texts.length
  return (query) => {
    const scores = new Float64Array(texts.length)
    for (const term of new Set(termsOf(query))) {
      const found = postings.get(term)
      if (found === undefined) continue
      const weight = Math.log(1 + (texts.length - found.size + 0.5) / (found.size + 0.5))
      for (const [at, count] of found) {
        const norm = saturation * (1 - lengthWeight + (lengthWeight * lengths[at]) / mean)
        scores[at] += (weight * count * (saturation + 1)) / (count + norm)
      }
    }
    return scores
  }
}
