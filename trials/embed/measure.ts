import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { spearman } from '#exam/measures'
import type { Figures } from '#trials/figures'
import { bm25 } from './bm25.ts'
import { difference, orderOf, ranksBy, recall } from './found.ts'
import { heldOutPairs, type Pair, type Tongue } from './passages.ts'
import { dot, type OpenEmbedder, openEmbedder } from './vectors.ts'

export interface Retrieval {
  pairs: number
  /** By length of the vectors, the whole first. */
  lengths: { dimensions: number; at1: number; at10: number }[]
  bm25: { at1: number; at10: number }
  /** The model's recall at 10 less BM25's, with its interval. */
  ahead: { mean: number; low: number; high: number }
}

export interface Paraphrases {
  task: string
  same: number
  other: number
  /** Of a paraphrase and another pair, how often the paraphrase's cosine is the higher one. */
  order: number
  pairs: number
}

export interface EmbedMeasurement {
  parameters: number
  retrieval: Partial<Record<Tongue, Retrieval>>
  paraphrases: Paraphrases[]
  /** Spearman's correlation of cosines with people's grades of likeness, where their file is there. */
  graded: { pairs: number; correlation: number } | null
}

/** Measures the embedding model in a folder on the data it did not learn from. */
export async function measureEmbedder(folder: string, data: string, most = 1000): Promise<EmbedMeasurement> {
  const model = await openEmbedder(folder)
  const retrieval: EmbedMeasurement['retrieval'] = {}
  for (const tongue of ['en', 'zh'] as const) {
    const pairs = await heldOutPairs(folder, data, tongue, most)
    if (pairs.length > 1) retrieval[tongue] = retrieve(model, pairs)
  }
  const paraphrases = [bustm(data), mrpc(data)].flatMap((task) => (task === null ? [] : [compare(model, task)]))
  return { parameters: model.parameters, retrieval, paraphrases, graded: graded(model, data) }
}

function retrieve({ width, dimensions, vectors }: OpenEmbedder, pairs: readonly Pair[]): Retrieval {
  const [queries, targets] = [pairs.map(({ query }) => query), pairs.map(({ target }) => target)]
  const ranks = (length: number) => {
    const [asked, there] = [vectors(queries, length), vectors(targets, length)]
    return ranksBy(pairs.length, (query) => Float64Array.from(there, (target) => dot(asked[query], target)))
  }
  const search = bm25(targets)
  const byWords = ranksBy(pairs.length, (query) => search(queries[query]))
  const all = [width, ...dimensions.filter((length) => length < width)].map((length) => ({
    length,
    ranks: ranks(length),
  }))
  return {
    pairs: pairs.length,
    lengths: all.map(({ length, ranks }) => ({ dimensions: length, at1: recall(ranks, 1), at10: recall(ranks, 10) })),
    bm25: { at1: recall(byWords, 1), at10: recall(byWords, 10) },
    ahead: difference(all[0].ranks, byWords, 10),
  }
}

interface Task {
  name: string
  pairs: { first: string; second: string; same: boolean }[]
}

const lines = (path: string): string[] =>
  existsSync(path) ? gunzipSync(readFileSync(path)).toString().trim().split('\n') : []

/** Short Chinese questions and whether they ask the same (FewCLUE). */
function bustm(data: string): Task | null {
  const pairs = lines(join(data, 'exam-clue-bustm-test.jsonl.gz')).map((line) => {
    const { sentence1, sentence2, label } = JSON.parse(line) as Record<string, string>
    return { first: sentence1, second: sentence2, same: label === '1' }
  })
  return pairs.length > 0 ? { name: 'bustm', pairs } : null
}

/** English sentences from the news and whether they say the same (GLUE). */
function mrpc(data: string): Task | null {
  const pairs = lines(join(data, 'exam-glue-mrpc-dev.tsv.gz'))
    .slice(1)
    .map((line) => {
      const [same, , , first, second] = line.split('\t')
      return { first, second, same: same === '1' }
    })
  return pairs.length > 0 ? { name: 'mrpc', pairs } : null
}

function cosines({ vectors }: OpenEmbedder, pairs: readonly { first: string; second: string }[]): number[] {
  const [first, second] = [vectors(pairs.map((pair) => pair.first)), vectors(pairs.map((pair) => pair.second))]
  return first.map((vector, at) => dot(vector, second[at]))
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

function compare(model: OpenEmbedder, { name, pairs }: Task): Paraphrases {
  const all = cosines(model, pairs)
  const [same, other] = [true, false].map((wanted) => all.filter((_, at) => pairs[at].same === wanted))
  return { task: name, same: meanOf(same), other: meanOf(other), order: orderOf(same, other), pairs: pairs.length }
}

function graded(model: OpenEmbedder, data: string): EmbedMeasurement['graded'] {
  const rows = lines(join(data, 'exam-glue-sts-b-dev.tsv.gz'))
    .slice(1)
    .map((line) => line.split('\t'))
  const pairs = rows
    .map((row) => ({ first: row[7], second: row[8], grade: Number(row[9]) }))
    .filter(({ second, grade }) => second !== undefined && Number.isFinite(grade))
  if (pairs.length === 0) return null
  const found = cosines(model, pairs)
  return { pairs: pairs.length, correlation: spearman(pairs.map(({ grade }, at) => [found[at], grade] as const)) }
}

export function reportEmbedder(figures: Figures, measured: EmbedMeasurement): void {
  figures.record('embed.parameters', measured.parameters, '')
  for (const [tongue, { pairs, lengths, bm25: words, ahead }] of Object.entries(measured.retrieval)) {
    const of = `of ${pairs}`
    for (const [how, { at1, at10 }] of [
      ['bm25', words] as const,
      ...lengths.map((each) => [`vectors_${each.dimensions}`, each] as const),
    ]) {
      figures.record(`embed.${tongue}.${how}.recall_at_1`, at1, of)
      figures.record(`embed.${tongue}.${how}.recall_at_10`, at10, of)
    }
    figures.record(`embed.${tongue}.ahead_of_bm25`, ahead.mean, `of the queries at 10, from ${ahead.low.toFixed(3)}`)
    // Level: the interval of the difference reaches 0.
    figures.record(`embed.${tongue}.ahead_of_bm25.at_most`, ahead.high, 'of the queries at 10', { op: '>=', value: 0 })
  }
  for (const { task, same, other, order, pairs } of measured.paraphrases) {
    figures.record(`embed.${task}.cosine_of_paraphrases`, same, `of ${pairs} pairs`)
    figures.record(`embed.${task}.cosine_of_others`, other, `of ${pairs} pairs`)
    figures.record(`embed.${task}.in_order`, order, 'of all pairs of pairs', { op: '>', value: 0.5 })
  }
  const { graded: grades } = measured
  if (grades) figures.record('embed.sts-b.spearman', grades.correlation, `of ${grades.pairs} pairs`)
}
