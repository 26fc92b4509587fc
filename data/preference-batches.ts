/** Rankings as training sees them: all answers to a prompt, and all their pairs, in one micro-batch (Ouyang 2022, section 3.5). */
import { createHash } from 'node:crypto'
import { type PreferenceFile, pairsOf, type RankedAnswer } from '#data/preference-file'
import { mix, permuted } from '#data/shuffle'
import { packPieces } from './packing/whole.ts'

/** A micro-batch has room for so many answers and pairs in each of its rows. */
export const answersPerRow = 16
export const pairsPerRow = 64

export interface PreferenceShape {
  /** Tokens of a row; an answer with its prompt fits in one. */
  sequence: number
  /** Rows of a usual micro-batch; a prompt with many long answers gets more. */
  microRows: number
  /** Most answers of one prompt. */
  mostAnswers: number
  padding: number
}

/** A prompt's answers and their pairs, by place among the micro-batch's answers. */
export interface BatchGroup {
  /** Which of the files it is from. */
  file: number
  /** Best first. */
  answers: { place: number; document: number; grade: number }[]
  pairs: [better: number, worse: number][]
}

/** Arrays of rows × sequence, row-major, and those of answers and pairs, filled up to the room there is. */
export interface PreferenceBatch {
  rows: number
  tokens: Int32Array
  targets: Int32Array
  /** 1 where the target is the answer's. */
  learned: Float32Array
  positions: Int32Array
  documents: Int32Array
  /** The answer that each token belongs to; 0 for padding. */
  answers: Int32Array
  /** The flat place of the token that ends each answer. */
  ends: Int32Array
  better: Int32Array
  worse: Int32Array
  /** Adds up to 1 over the pairs of a step: prompts count alike, and so do the pairs of one. */
  pairWeights: Float32Array
  groups: BatchGroup[]
}

interface Group {
  file: number
  answers: RankedAnswer[]
  pairs: [number, number][]
}

/** Where a stream of preference batches stands. */
export interface PreferenceState {
  version: 1
  fingerprint: string
  /** Prompts drawn so far. */
  drawn: number
}

/** A state that belongs to other data. */
export class PreferenceError extends Error {
  override name = 'PreferenceError'
}

export interface PreferenceBatchOptions extends PreferenceShape {
  files: readonly PreferenceFile[]
  /** Prompts of a step; the last step of an epoch may have fewer. */
  prompts: number
  seed: number
}

/** The deterministic stream of steps over ranked answers; each epoch shows every prompt once, in an order of its own. */
export class PreferenceBatches {
  readonly fingerprint: string
  /** Prompts whose answers make at least one pair. */
  readonly total: number
  readonly #options: PreferenceBatchOptions
  readonly #places: [file: number, prompt: number][]
  #drawn = 0

  constructor(options: PreferenceBatchOptions) {
    const { files, seed, sequence, mostAnswers } = options
    this.#options = options
    this.#places = placesOf(files, mostAnswers)
    this.total = this.#places.length
    if (this.total === 0) throw new PreferenceError('the data has no prompt with one answer better than another')
    const identity = { seed, sequence, mostAnswers, files: files.map(({ name, sha256 }) => [name, sha256]) }
    this.fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex')
  }

  get stepsPerEpoch(): number {
    return Math.ceil(this.total / this.#options.prompts)
  }

  /** The micro-batches of the next step. */
  next(): PreferenceBatch[] {
    const { files, prompts, seed, mostAnswers } = this.#options
    const epoch = Math.floor(this.#drawn / this.total)
    const within = this.#drawn - epoch * this.total
    const count = Math.min(prompts, this.total - within)
    const groups = Array.from({ length: count }, (_, i) => {
      const [file, prompt] = this.#places[permuted(within + i, this.total, mix(seed, epoch))]
      return groupOf(files, file, prompt, mostAnswers)
    })
    this.#drawn += count
    return microBatchesOf(groups, this.#options)
  }

  state(): PreferenceState {
    return { version: 1, fingerprint: this.fingerprint, drawn: this.#drawn }
  }

  restore(state: PreferenceState): void {
    if (state.version !== 1 || state.fingerprint !== this.fingerprint || !Number.isSafeInteger(state.drawn))
      throw new PreferenceError('this state was taken over other data, sequence or seed: resume with the same')
    this.#drawn = state.drawn
  }
}

/** Every prompt of the files in their own order (the first `most` of each), as micro-batches of one long step. */
export function allPreferences(
  files: readonly PreferenceFile[],
  shape: PreferenceShape,
  most = Number.POSITIVE_INFINITY,
): PreferenceBatch[] {
  const counts = new Map<number, number>()
  const places = placesOf(files, shape.mostAnswers).filter(([file]) => {
    counts.set(file, (counts.get(file) ?? 0) + 1)
    return (counts.get(file) ?? 0) <= most
  })
  const groups = places.map(([file, prompt]) => groupOf(files, file, prompt, shape.mostAnswers))
  return microBatchesOf(groups, shape)
}

function placesOf(files: readonly PreferenceFile[], mostAnswers: number): [number, number][] {
  return files.flatMap((file, number) =>
    Array.from({ length: file.prompts }, (_, prompt): [number, number] => [number, prompt]).filter(
      ([, prompt]) => pairsOf(file.group(prompt, mostAnswers)).length > 0,
    ),
  )
}

function groupOf(files: readonly PreferenceFile[], file: number, prompt: number, most: number): Group {
  const answers = files[file].group(prompt, most)
  return { file, answers, pairs: pairsOf(answers) }
}

/** Fills micro-batches with groups in their order; none is divided. */
function microBatchesOf(groups: readonly Group[], shape: PreferenceShape): PreferenceBatch[] {
  const batches: PreferenceBatch[] = []
  let held: Group[] = []
  const flush = () => {
    if (held.length > 0) batches.push(batchOf(held, shape, groups.length))
    held = []
  }
  for (const group of groups) {
    if (held.length > 0 && rowsFor([...held, group], shape) > shape.microRows) flush()
    held.push(group)
  }
  flush()
  return batches
}

interface Placed extends RankedAnswer {
  length: number
  group: number
  /** Its place within the group. */
  at: number
}

function cutGroups(groups: readonly Group[], { sequence }: PreferenceShape): Placed[] {
  return groups.flatMap(({ answers }, group) =>
    answers.map((answer, at) => {
      const cut = fitted(answer, sequence)
      return { ...cut, length: cut.ids.length, group, at }
    }),
  )
}

/** Rows that these groups need, for tokens, answers and pairs. */
function rowsFor(groups: readonly Group[], shape: PreferenceShape): number {
  const answers = groups.reduce((sum, group) => sum + group.answers.length, 0)
  const pairs = groups.reduce((sum, group) => sum + group.pairs.length, 0)
  const rows = packPieces(cutGroups(groups, shape), shape.sequence).length
  return Math.max(rows, Math.ceil(answers / answersPerRow), Math.ceil(pairs / pairsPerRow))
}

/**
 * An answer that is too long with its prompt: the prompt loses its beginning, down to a quarter of the row, then the answer
 * its end, all but the token that ends it.
 */
export function fitted(answer: RankedAnswer, sequence: number): RankedAnswer {
  const { ids, mask } = answer
  if (ids.length <= sequence) return answer
  const first = mask.indexOf(1)
  const prompt = Math.min(first, Math.max(Math.floor(sequence / 4), sequence - (ids.length - first)))
  const end = first + sequence - prompt - 1
  const kept = <T extends Uint8Array | Uint16Array | Uint32Array>(of: T): T => {
    const part = new (of.constructor as new (length: number) => T)(sequence)
    part.set(of.subarray(first - prompt, end))
    part[sequence - 1] = of[of.length - 1]
    return part
  }
  return { ...answer, ids: kept(ids), mask: kept(mask) }
}

function emptyBatch(rows: number, { sequence, padding }: PreferenceShape): PreferenceBatch {
  const size = rows * sequence
  return {
    rows,
    tokens: new Int32Array(size).fill(padding),
    targets: new Int32Array(size).fill(padding),
    learned: new Float32Array(size),
    positions: new Int32Array(size),
    documents: new Int32Array(size).fill(answersPerRow * rows),
    answers: new Int32Array(size),
    ends: new Int32Array(rows * answersPerRow),
    better: new Int32Array(rows * pairsPerRow),
    worse: new Int32Array(rows * pairsPerRow),
    pairWeights: new Float32Array(rows * pairsPerRow),
    groups: [],
  }
}

/** Rows come in powers of two: each number of rows is a graph of its own. */
function batchOf(groups: readonly Group[], shape: PreferenceShape, prompts: number): PreferenceBatch {
  const rows = 2 ** Math.ceil(Math.log2(rowsFor(groups, shape)))
  const batch = emptyBatch(rows, shape)
  const packed = packPieces(cutGroups(groups, shape), shape.sequence)
  batch.groups = groups.map(({ file }) => ({ file, answers: [], pairs: [] }))
  let place = 0
  for (const [row, answers] of packed.entries()) {
    let at = row * shape.sequence
    for (const answer of answers) {
      placeAnswer(batch, answer, at, place)
      batch.groups[answer.group].answers[answer.at] = { place, document: answer.document, grade: answer.grade }
      at += answer.length
      place++
    }
  }
  placePairs(batch, groups, prompts)
  return batch
}

function placeAnswer(batch: PreferenceBatch, { ids, mask }: Placed, at: number, place: number): void {
  const last = ids.length - 1
  for (let t = 0; t <= last; t++) {
    batch.tokens[at + t] = ids[t]
    batch.positions[at + t] = t
    batch.documents[at + t] = place
    batch.answers[at + t] = place
    if (t === last) continue
    batch.targets[at + t] = ids[t + 1]
    batch.learned[at + t] = mask[t + 1]
  }
  batch.ends[place] = at + last
}

function placePairs(batch: PreferenceBatch, groups: readonly Group[], prompts: number): void {
  let next = 0
  for (const [number, { pairs }] of groups.entries()) {
    const group = batch.groups[number]
    for (const [better, worse] of pairs) {
      const [b, w] = [group.answers[better].place, group.answers[worse].place]
      group.pairs.push([b, w])
      batch.better[next] = b
      batch.worse[next] = w
      batch.pairWeights[next++] = 1 / (pairs.length * prompts)
    }
  }
}
