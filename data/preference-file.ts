/** Ranked answers on disk: a token file of answers, each behind its prompt, and the groups that they form. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { rankedPairs } from '#data/document'
import type { Expectation } from '#data/judge'
import { readManifest } from '#data/manifest'
import { TokenFile, TokenFileError } from '#data/token-file'
import { groupsEnding } from './prepare/groups.ts'

const schema = z.object({
  format: z.literal('dotline-groups'),
  version: z.literal(1),
  sizes: z.array(z.int().min(1)),
  grades: z.array(z.number()),
  rules: z.array(z.array(z.custom<Expectation>((v) => typeof v === 'object' && v !== null && 'kind' in v))).optional(),
})

/** One answer with its prompt in front. */
export interface RankedAnswer {
  /** Its number among the documents of the token file. */
  document: number
  ids: Uint16Array | Uint32Array
  /** 1 where a token is the answer's. */
  mask: Uint8Array
  grade: number
}

/** The prompts of one token file with their answers. */
export class PreferenceFile {
  readonly name: string
  /** Answers in all. */
  readonly answers: number
  /** SHA-256 of the tokens. */
  readonly sha256: string
  readonly #file: TokenFile
  readonly #grades: readonly number[]
  readonly #rules: readonly Expectation[][] | undefined
  /** The first answer of each prompt, and the end. */
  readonly #starts: number[]

  /** Opens a token file without an ending; `sha256` is that of its groups. Throws TokenFileError where they do not fit. */
  constructor(path: string, name: string, sha256: string) {
    this.name = name
    const bytes = readFileSync(path + groupsEnding)
    const parsed = schema.safeParse(JSON.parse(bytes.toString('utf8')))
    if (createHash('sha256').update(bytes).digest('hex') !== sha256 || !parsed.success)
      throw new TokenFileError(`${path}${groupsEnding} is not the one of the manifest: prepare the data again`)
    const { sizes, grades, rules } = parsed.data
    this.#file = new TokenFile(path)
    this.#grades = grades
    this.#rules = rules
    this.#starts = [0]
    for (const size of sizes) this.#starts.push(this.#starts[this.#starts.length - 1] + size)
    this.answers = this.#starts[sizes.length]
    this.sha256 = this.#file.index.sha256
    if (this.answers !== this.#file.index.documents || grades.length !== this.answers)
      throw new TokenFileError(`${path}${groupsEnding} does not list the answers of its token file: prepare it again`)
  }

  get prompts(): number {
    return this.#starts.length - 1
  }

  /** What an answer to a prompt has to satisfy; none where nobody said so. */
  rules(prompt: number): readonly Expectation[] {
    return this.#rules?.[prompt] ?? []
  }

  /** The answers to a prompt, best first, at most `most` of them: the best, the worst and, evenly, some between. */
  group(prompt: number, most: number): RankedAnswer[] {
    const from = this.#starts[prompt]
    const count = this.#starts[prompt + 1] - from
    const kept = Math.min(count, most)
    return Array.from({ length: kept }, (_, i) => {
      const at = kept === count ? i : Math.round((i * (count - 1)) / (kept - 1))
      return this.#answer(from + at)
    })
  }

  #answer(document: number): RankedAnswer {
    const start = this.#file.starts[document]
    const length = this.#file.starts[document + 1] - start
    const ids = this.#file.read(start, length)
    const mask = this.#file.readMask(start, length) ?? new Uint8Array(length).fill(1)
    return { document, ids, mask, grade: this.#grades[document] }
  }

  close(): void {
    this.#file.close()
  }
}

/** (better, worse) pairs of a group, by place. */
export const pairsOf = (group: readonly RankedAnswer[]): [better: number, worse: number][] =>
  rankedPairs(
    group.length,
    group.map(({ grade }) => grade),
  )

/** The ranked answers of a prepared folder, source by source. */
export function preferenceFiles(folder: string, split: 'train' | 'validation'): PreferenceFile[] {
  return readManifest(folder)
    .files.filter((file) => file.split === split && file.groups !== undefined && file.documents > 0)
    .map(
      ({ name, groups = '' }) =>
        new PreferenceFile(join(folder, name), name.replace(/\.(train|validation)$/, ''), groups),
    )
}
