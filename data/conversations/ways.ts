/**
 * Many more ways to say what the topics ask, by the name of their wording: the text files beside, one a language and half.
 * A line that is not indented names a wording; the indented ones after it are patterns as in `wording.ts`, `\n` for a line break.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const files = {
  en: ['english-tasks.txt', 'english-talk.txt'],
  zh: ['chinese-tasks.txt', 'chinese-talk.txt'],
} as const

/** A file of ways says something that cannot be read. */
export class WaysError extends Error {
  override name = 'WaysError'
}

/** Adds the patterns of one file to `into`. */
export function readWays(text: string, file: string, into: Map<string, string[]>): void {
  let patterns: string[] | null = null
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    if (!line.startsWith('  ')) {
      if (into.has(line)) throw new WaysError(`${file}:${at + 1}: "${line}" was there before; join its patterns.`)
      into.set(line, (patterns = []))
    } else if (patterns === null) {
      throw new WaysError(`${file}:${at + 1}: a pattern stands before the first name; put the wording's name above it.`)
    } else patterns.push(line.slice(2).replaceAll('\\n', '\n'))
  }
}

function readAll(language: keyof typeof files): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, string[]>()
  for (const file of files[language])
    readWays(readFileSync(join(import.meta.dirname, 'ways', file), 'utf8'), file, ways)
  return ways
}

let all: { en: ReadonlyMap<string, readonly string[]>; zh: ReadonlyMap<string, readonly string[]> } | null = null
const read = () => (all ??= { en: readAll('en'), zh: readAll('zh') })

/** The further patterns of a wording; none where nobody wrote any. */
export function waysToSay(name: string, language: 'en' | 'zh'): readonly string[] {
  return read()[language].get(name) ?? []
}

/** The wordings that the files name, for the test that each of them exists. */
export function namesOfWays(): string[] {
  const { en, zh } = read()
  return [...en.keys(), ...zh.keys()]
}
