/**
 * Pieces of words, by which text is found. Where a script writes no spaces (Chinese, Japanese, Thai) each character and
 * each pair of neighbours is a piece, so that a word of two characters is found inside a sentence; elsewhere three
 * letters are one, so that `ploy` finds `deployment`, and a word of one or two letters is found as a whole. FTS5's own
 * trigrams find no word of two characters, which most Chinese words are; and PostgreSQL gets the very same pieces.
 */
const dense = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー々〆]/u
const runs =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー々〆]+|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー々〆])[\p{L}\p{N}\p{M}])+/gu

/** What is compared: letters of any width and case alike. */
export function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC')
}

/** The distinct pieces of a text that `normalise` returned. */
export function gramsOf(normal: string): Set<string> {
  const found = new Set<string>()
  for (const [run] of normal.matchAll(runs)) {
    const letters = [...run]
    if (dense.test(letters[0])) {
      for (let at = 0; at < letters.length; at++) {
        found.add(letters[at])
        if (at > 0) found.add(letters[at - 1] + letters[at])
      }
    } else if (letters.length < 3) {
      found.add(run)
    } else {
      for (let at = 2; at < letters.length; at++) found.add(letters[at - 2] + letters[at - 1] + letters[at])
    }
  }
  return found
}

export interface Query {
  /** Each must stand in a text, as written. */
  terms: string[]
  grams: string[]
}

/** Words between spaces are looked for each by itself; words in double quotes together. */
export function readQuery(query: string): Query {
  const terms = [...normalise(query).matchAll(/"([^"]+)"|([^\s"]+)/g)].map(([, quoted, word]) =>
    (quoted ?? word).trim(),
  )
  const grams = new Set<string>()
  for (const term of terms) {
    const pieces = gramsOf(term)
    for (const piece of pieces) {
      // A character inside a pair that is asked for anyway says nothing more.
      const inside =
        [...piece].length === 1 && dense.test(piece) && [...pieces].some((one) => one !== piece && one.includes(piece))
      if (!inside) grams.add(piece)
    }
  }
  return { terms: terms.filter((term) => term !== ''), grams: [...grams] }
}

/** The piece that stands for the owner in the index: longer than any piece of a text. */
export function ownerGram(owner: string): string {
  return `owner${owner.replaceAll(/[^a-z0-9]/g, '')}`
}
