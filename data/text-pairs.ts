/**
 * Pairs of texts that belong together, cut out of documents without anybody's judgement: what stands beside each other
 * (Neelakantan 2022), two pieces of one place (Contriever's independent crops, Izacard 2022), a heading and what stands
 * under it.
 */
import { createHash } from 'node:crypto'
import { mix, permuted, seededRandom } from '#data/shuffle'
import type { TokenFile } from '#data/token-file'
import { cutPair, type PairShape, type TextPair } from './pairs/cut.ts'

export type { PairShape, TextPair } from './pairs/cut.ts'

export interface PairSource {
  file: TokenFile
  /** Share of the batches, relative to the other sources. */
  weight: number
}

export interface PairOptions extends PairShape {
  sources: readonly PairSource[]
  /** Pairs of a batch, all from one source: to tell sources or languages apart teaches nothing. */
  batch: number
  seed: number
}

/** Where a stream of pairs stands. Plain JSON; the fingerprint ties it to the data and the options. */
export interface PairState {
  version: 1
  fingerprint: string
  /** Pairs drawn from each source. */
  drawn: number[]
}

/** Data without pairs, or a state that belongs to other data. */
export class PairError extends Error {
  override name = 'PairError'
}

interface Feed {
  weight: number
  file: TokenFile
  places: Places
  drawn: number
}

/** The endless, deterministic stream of batches: the next one depends on the options, the data and the position alone. */
export class PairBatches {
  readonly fingerprint: string
  readonly #options: PairOptions
  readonly #feeds: Feed[]

  constructor(options: PairOptions) {
    const { sources, batch, seed, breaks: _breaks, ...shape } = options
    this.#options = options
    const feeds = sources.map(({ file, weight }) => ({ weight, file, places: new Places(file, options), drawn: 0 }))
    this.#feeds = feeds.filter(({ weight, places }) => weight > 0 && places.count > 0)
    if (this.#feeds.length === 0) throw new PairError('no document is long enough to give a pair: bring longer texts')
    const identity = this.#feeds.map(({ weight, file }) => [file.index.sha256, weight])
    this.fingerprint = createHash('sha256').update(JSON.stringify({ batch, seed, shape, identity })).digest('hex')
  }

  /** The next batch: from the source that lags furthest behind its share. */
  next(): TextPair[] {
    const { batch, seed } = this.#options
    const [feed, number] = this.#due()
    const pairs = Array.from({ length: batch }, (_, i) => {
      const at = feed.drawn + i
      const key = mix(mix(seed, number), Math.floor(at / feed.places.count))
      const place = permuted(at % feed.places.count, feed.places.count, key)
      return feed.places.pair(place, seededRandom(mix(key, place)))
    })
    feed.drawn += batch
    return pairs
  }

  #due(): [Feed, number] {
    const [all, total] = [this.#feeds, this.#feeds.reduce((sum, { weight }) => sum + weight, 0)]
    const drawn = all.reduce((sum, feed) => sum + feed.drawn, 0)
    const lags = all.map((feed) => (feed.weight / total) * (drawn + this.#options.batch) - feed.drawn)
    const number = lags.indexOf(Math.max(...lags))
    return [all[number], number]
  }

  state(): PairState {
    return { version: 1, fingerprint: this.fingerprint, drawn: this.#feeds.map(({ drawn }) => drawn) }
  }

  /** Goes back (or ahead) to a state. @throws PairError where it was taken over other data or options */
  restore(state: PairState): void {
    const sound = Array.isArray(state.drawn) && state.drawn.every((value) => Number.isSafeInteger(value) && value >= 0)
    if (state.version !== 1 || state.fingerprint !== this.fingerprint || !sound)
      throw new PairError('this state was taken over other data, sequence, seed or weights: resume with the same')
    for (const [number, feed] of this.#feeds.entries()) feed.drawn = state.drawn[number]
  }
}

/** Neighbours of a file, spread over all its documents, always the same: what a model is measured on. */
export function heldOutPairs(
  file: TokenFile,
  shape: Omit<PairShape, 'neighbours' | 'crops' | 'headings' | 'dropout'>,
  most: number,
): TextPair[] {
  const places = new Places(file, { ...shape, neighbours: 1, crops: 0, headings: 0, dropout: 0 })
  return Array.from({ length: Math.min(most, places.count) }, (_, i) => {
    const place = permuted(i, places.count, 0)
    return places.pair(place, seededRandom(mix(0, place)))
  })
}

/** The places of a file at which documents are parted: one for as many tokens as a longest pair has. */
class Places {
  readonly count: number
  readonly #file: TokenFile
  readonly #shape: PairShape
  /** The first place of each document, and the end. */
  readonly #first: Float64Array

  constructor(file: TokenFile, shape: PairShape) {
    this.#file = file
    this.#shape = shape
    const { documents } = file.index
    this.#first = new Float64Array(documents + 1)
    for (let i = 0; i < documents; i++) this.#first[i + 1] = this.#first[i] + this.#placesOf(this.#length(i))
    this.count = this.#first[documents]
  }

  #placesOf(length: number): number {
    const { shortest, sequence } = this.#shape
    return length < 2 * shortest ? 0 : Math.max(1, Math.floor(length / (2 * sequence)))
  }

  /** Where a document's text starts, behind the mark that parts it from the one before. */
  #start(document: number): number {
    const { starts, index } = this.#file
    const at = starts[document]
    return at < starts[document + 1] && index.separator !== null && this.#file.read(at, 1)[0] === index.separator
      ? at + 1
      : at
  }

  #length(document: number): number {
    return this.#file.starts[document + 1] - this.#start(document)
  }

  pair(place: number, random: () => number): TextPair {
    let [low, high] = [0, this.#file.index.documents]
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (this.#first[middle] <= place) low = middle
      else high = middle
    }
    const [start, length] = [this.#start(low), this.#length(low)]
    const count = this.#first[low + 1] - this.#first[low]
    const within = ((place - this.#first[low] + random()) / count) * length
    return cutPair(this.#file.read(start, length), Math.floor(within), this.#shape, random)
  }
}
