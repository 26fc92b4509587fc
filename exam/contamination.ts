/**
 * Whether a model may have seen the questions: each item's text against the n-grams of its training documents. English
 * counts words, 13 in a row, as GPT-3's check does (Brown et al. 2020, appendix C); Chinese counts characters, 30 in a
 * row, which is the way of GPT-4's check (OpenAI 2023, appendix C: 50 characters of English) with fewer of a denser
 * script. Case, punctuation and spaces do not count. One n-gram in common marks an item, as in GPT-3's check.
 */
import { type Item, textsOf } from './item.ts'

export interface TrainingDocument {
  text: string
  /** Which document it is, for the report. */
  origin: string
}

export interface Overlap {
  /** Of the item's n-grams, the share that training documents hold. */
  share: number
  /** The first document that holds one. */
  origin: string
}

export interface ContaminationReport {
  /** By the item's key. */
  overlaps: ReadonlyMap<string, Overlap>
  documents: number
  /** Items that were looked for; shorter ones than any n-gram were not. */
  checked: number
  tooShort: number
}

export const wordsInRow = 13
export const charactersInRow = 30
/** An item of fewer words, or characters, says too little: such texts are everywhere. */
const fewest = { words: 8, characters: 16 }

const han = /\p{Script=Han}/gu

type Script = 'words' | 'characters'

/** Mostly Chinese texts count by characters. */
const scriptOf = (text: string): Script =>
  (text.match(han)?.length ?? 0) > 0.3 * text.replace(/\s/g, '').length ? 'characters' : 'words'

function unitsOf(text: string, script: Script): string[] {
  const plain = text.normalize('NFKC').toLowerCase()
  return plain.match(script === 'words' ? /[\p{L}\p{N}]+/gu : /[\p{L}\p{N}]/gu) ?? []
}

const joined = (units: readonly string[], at: number, n: number): string => units.slice(at, at + n).join(' ')

/** What is looked for in one script. */
class Index {
  readonly fewest: number
  readonly #inRow: number
  /** By length, n-gram to the items that hold it. A text shorter than a row is looked for whole. */
  readonly #tables = new Map<number, Map<string, Set<string>>>()
  /** Hashes of the first units of all n-grams: almost every place of a document is told by one look here. */
  readonly #beginnings = new Set<number>()

  constructor(fewest: number, inRow: number) {
    this.fewest = fewest
    this.#inRow = inRow
  }

  get empty(): boolean {
    return this.#tables.size === 0
  }

  /** The n-grams of an item's text that were added. */
  add(units: readonly string[], key: string): Set<string> {
    const n = Math.min(this.#inRow, units.length)
    const table = this.#tables.get(n) ?? new Map<string, Set<string>>()
    this.#tables.set(n, table)
    const hashes = units.map(hashOf)
    const own = new Set<string>()
    for (let at = 0; at + n <= units.length; at++) {
      const gram = joined(units, at, n)
      own.add(gram)
      this.#beginnings.add(beginning(hashes, at, this.fewest))
      const items = table.get(gram)
      if (items) items.add(key)
      else table.set(gram, new Set([key]))
    }
    return own
  }

  look(units: readonly string[], found: (key: string, gram: string) => void): void {
    const hashes = units.map(hashOf)
    for (let at = 0; at + this.fewest <= units.length; at++) {
      if (!this.#beginnings.has(beginning(hashes, at, this.fewest))) continue
      for (const [n, table] of this.#tables) {
        if (at + n > units.length) continue
        const gram = joined(units, at, n)
        for (const key of table.get(gram) ?? []) found(key, gram)
      }
    }
  }
}

function hashOf(unit: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < unit.length; i++) hash = Math.imul(hash ^ unit.charCodeAt(i), 0x01000193)
  return hash
}

function beginning(hashes: readonly number[], at: number, count: number): number {
  let hash = 0
  for (let i = at; i < at + count; i++) hash = (Math.imul(hash, 0x01000193) + hashes[i]) | 0
  return hash
}

/** Looks for the n-grams of many items at once in documents that pass by. */
export class ContaminationCheck {
  readonly #indexes: Record<Script, Index> = {
    words: new Index(fewest.words, wordsInRow),
    characters: new Index(fewest.characters, charactersInRow),
  }
  readonly #counts = new Map<string, number>()
  readonly #found = new Map<string, { grams: Set<string>; origin: string }>()
  #documents = 0
  #tooShort = 0

  /** @param key names the item in the report. */
  add(key: string, item: Item): void {
    const texts = textsOf(item)
    const long = texts.filter((text) => this.#isLong(text))
    // A short question is looked for together with its answer.
    const sought = long.length > 0 ? long : [texts.join('\n')].filter((text) => this.#isLong(text))
    if (sought.length === 0) {
      this.#tooShort++
      return
    }
    const own = new Set<string>()
    for (const text of sought) {
      const script = scriptOf(text)
      for (const gram of this.#indexes[script].add(unitsOf(text, script), key)) own.add(gram)
    }
    this.#counts.set(key, own.size)
  }

  look(document: TrainingDocument): void {
    this.#documents++
    const { words, characters } = this.#indexes
    const note = (key: string, gram: string) => this.#note(key, gram, document.origin)
    if (!words.empty) words.look(unitsOf(document.text, 'words'), note)
    if (!characters.empty && document.text.search(han) >= 0) characters.look(unitsOf(document.text, 'characters'), note)
  }

  report(): ContaminationReport {
    const overlaps = [...this.#found].map(
      ([key, { grams, origin }]) => [key, { share: grams.size / (this.#counts.get(key) ?? 1), origin }] as const,
    )
    return {
      overlaps: new Map(overlaps),
      documents: this.#documents,
      checked: this.#counts.size,
      tooShort: this.#tooShort,
    }
  }

  #isLong(text: string): boolean {
    const script = scriptOf(text)
    return unitsOf(text, script).length >= this.#indexes[script].fewest
  }

  #note(key: string, gram: string, origin: string): void {
    const found = this.#found.get(key)
    if (found) found.grams.add(gram)
    else this.#found.set(key, { grams: new Set([gram]), origin })
  }
}
