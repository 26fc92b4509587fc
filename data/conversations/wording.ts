/**
 * What a person may type, written as patterns: `{a|b|}` chooses, `$slot` is filled later. A pattern that starts with `~`
 * belongs to the held-out split as a whole; of the others, the expansions whose hash is 0 modulo 8 are held out. No
 * training wording is ever a held-out wording, in this intent or in another one.
 */
import { hash, type Random } from './random.ts'
import { waysToSay } from './ways.ts'

export type Language = 'en' | 'zh'
export type Bilingual<T> = Record<Language, T>

/** Openers that may stand before a wording in both splits. */
export const openers: Bilingual<readonly string[]> = {
  en: [
    'Hi, ',
    'Hey, ',
    'OK, ',
    'So, ',
    'Now, ',
    'One question: ',
    'Also, ',
    'Well, ',
    'Dotline, ',
    'Hello! ',
    'Next: ',
    'One more thing: ',
    'By the way, ',
    'Good. ',
    'Thanks. ',
  ],
  zh: [
    '你好，',
    '请问，',
    '那么，',
    '好的，',
    '嗯，',
    '问一下，',
    '还有，',
    '对了，',
    '点线，',
    '您好！',
    '接下来，',
    '再问一下，',
    '顺便，',
    '麻烦你，',
    '谢谢。',
  ],
}

/** All strings that a pattern stands for, slots left in place. */
export function expand(pattern: string): string[] {
  const [texts, end] = alternatives(pattern, 0, false)
  if (end !== pattern.length)
    throw new Error(`Pattern "${pattern}" has an unopened } at ${end}; close only what { opens.`)
  return texts
}

function alternatives(pattern: string, start: number, inner: boolean): [string[], number] {
  const all: string[] = []
  let current = ['']
  let at = start
  while (at < pattern.length) {
    const char = pattern[at]
    if (char === '}') break
    if (char === '|' && inner) {
      all.push(...current)
      current = ['']
      at++
    } else if (char === '{') {
      const [options, end] = alternatives(pattern, at + 1, true)
      if (pattern[end] !== '}') throw new Error(`Pattern "${pattern}" lacks the } for the { at ${at}.`)
      current = current.flatMap((left) => options.map((right) => left + right))
      at = end + 1
    } else {
      current = current.map((text) => text + char)
      at++
    }
  }
  all.push(...current)
  return [all, at]
}

/** Two wordings that differ in case, punctuation or the names of their slots only are one wording. */
export function wordingKey(text: string): string {
  return text
    .replace(/\$[a-zA-Z]+/g, '$')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}$+×*-]/gu, '')
}

interface Split {
  /** Expansions per pattern. */
  train: string[][]
  /** Expansions of patterns that are held out whole, and expansions held out by their hash. */
  whole: string[][]
  hashed: string[][]
}

const registry: Wording[] = []
let compiled = 0

/** One intent's wordings in both languages. */
export class Wording {
  readonly name: string
  readonly patterns: Bilingual<readonly string[]>
  readonly opens: boolean
  split: Bilingual<Split> | null = null

  constructor(name: string, patterns: Bilingual<readonly string[]>, opens: boolean) {
    this.name = name
    this.patterns = patterns
    this.opens = opens
    registry.push(this)
  }

  /** A wording of the split with its slots still open. */
  choose(random: Random, language: Language, heldout: boolean): string {
    if (compiled !== registry.length) compile()
    const split = this.split?.[language]
    if (!split) throw new Error(`Wording ${this.name} was not compiled.`)
    if (!heldout) return random.pick(random.pick(split.train))
    const whole = split.whole.length > 0 && (split.hashed.length === 0 || random.chance(0.5))
    return random.pick(random.pick(whole ? split.whole : split.hashed))
  }
}

/** Declares an intent's wordings; `opens: false` where no opener ("Hi, …") may stand before them. */
export function wording(
  name: string,
  patterns: Bilingual<readonly string[]>,
  options: { opens?: boolean } = {},
): Wording {
  return new Wording(name, patterns, options.opens ?? true)
}

/** Every intent declared so far, for the tests of the split. */
export function declaredWordings(): readonly Wording[] {
  if (compiled !== registry.length) compile()
  return registry
}

/** A wording of slots alone says nothing itself: it belongs to both splits. */
function slotsAlone(text: string): boolean {
  return /^\$*$/.test(wordingKey(text))
}

function heldByHash(text: string): boolean {
  return !slotsAlone(text) && hash(`wording ${wordingKey(text)}`) % 8 === 0
}

function compile(): void {
  const taken = { en: new Set<string>(), zh: new Set<string>() }
  const expansions = registry.map((one) => ({ en: expandAll(one, 'en', taken.en), zh: expandAll(one, 'zh', taken.zh) }))
  registry.forEach((one, i) => {
    one.split = { en: finish(one, 'en', expansions[i].en, taken.en), zh: finish(one, 'zh', expansions[i].zh, taken.zh) }
  })
  compiled = registry.length
}

function expandAll(one: Wording, language: Language, taken: Set<string>): Split {
  const split: Split = { train: [], whole: [], hashed: [] }
  for (const pattern of [...one.patterns[language], ...waysToSay(one.name, language)]) {
    if (pattern.startsWith('~')) {
      split.whole.push(expand(pattern.slice(1).trim()))
      continue
    }
    const texts = expand(pattern)
    split.train.push(texts.filter((text) => !heldByHash(text)))
    split.hashed.push(texts.filter((text) => slotsAlone(text) || heldByHash(text)))
  }
  for (const text of split.train.flat()) {
    const key = wordingKey(text)
    taken.add(key)
    for (const opener of openers[language]) taken.add(wordingKey(opener) + key)
  }
  return split
}

function finish(one: Wording, language: Language, split: Split, taken: Set<string>): Split {
  const free = (groups: string[][]) =>
    groups
      .map((texts) => texts.filter((text) => slotsAlone(text) || !taken.has(wordingKey(text))))
      .filter((texts) => texts.length > 0)
  const done = {
    train: split.train.filter((texts) => texts.length > 0),
    whole: free(split.whole),
    hashed: free(split.hashed),
  }
  if (done.train.length === 0)
    throw new Error(`Wording ${one.name} (${language}) has nothing to train on; add patterns.`)
  if (done.whole.length + done.hashed.length === 0)
    throw new Error(`Wording ${one.name} (${language}) has nothing held out; add a pattern that starts with ~.`)
  return done
}

/** A noun with "a" or "an". */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** Puts values into `$slots` (`$anJob` is the value of `job` with its article); an open slot without a value is an error. */
export function fill(text: string, slots: Record<string, string | number> = {}): string {
  return text.replace(/\$([a-zA-Z]+)/g, (_, name: string) => {
    if (name in slots) return String(slots[name])
    const noun = /^an([A-Z])(.*)$/.exec(name)
    const plain = noun ? noun[1].toLowerCase() + noun[2] : ''
    if (!noun || !(plain in slots)) throw new Error(`"${text}" has no value for its slot $${name}.`)
    return withArticle(String(slots[plain]))
  })
}
