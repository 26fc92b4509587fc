import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { ChatFormat, specialTokens } from '#model/chat'
import type { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { preferencePairs, rankedPairs } from './document.ts'
import { LicenceError } from './licence.ts'
import { readManifest, verifyManifest } from './manifest.ts'
import {
  allPreferences,
  fitted,
  type PreferenceBatch,
  PreferenceBatches,
  PreferenceError,
} from './preference-batches.ts'
import { preferenceFiles } from './preference-file.ts'
import { prepareCorpus } from './prepare.ts'

let place: string
let tokenizer: Tokenizer
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-rankings-'))
  tokenizer = trainTokenizer(['ask and answer, 问和答 '.repeat(20)], {
    vocabSize: 300,
    specialTokens: [...specialTokens],
  })
  const pairs = Array.from({ length: 30 }, (_, i) => {
    // Two records begin with the same question and end with other ones.
    const before = `\n\nHuman: question ${i >> 1}\n\nAssistant: well\n\nHuman: more ${i}`
    return { chosen: `${before}\n\nAssistant: good ${i}`, rejected: `${before}\n\nAssistant: bad` }
  })
  const ranked = Array.from({ length: 12 }, (_, i) => ({
    instruction: `问题${i}`,
    input: '',
    output: Array.from({ length: 2 + (i % 4) }, (_, k) => `答${k} `.repeat(k + 1)),
  }))
  const lines = (all: object[]) => all.map((one) => JSON.stringify(one)).join('\n')
  writeFileSync(join(place, 'pairs.jsonl'), lines(pairs))
  writeFileSync(join(place, 'ranked.jsonl'), lines(ranked))
  await prepare('data', 'MIT')
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const prepare = (folder: string, licence: string) =>
  prepareCorpus({
    sources: ['pairs', 'ranked'].map((name) => ({
      name,
      path: join(place, `${name}.jsonl`),
      kind: 'preference' as const,
      source: `test/${name}`,
      licence,
    })),
    tokenizer,
    chat: new ChatFormat(tokenizer),
    outDir: join(place, folder),
    validationFraction: 0.3,
    seed: 1,
  })

const files = (split: 'train' | 'validation' = 'train') => preferenceFiles(join(place, 'data'), split)
const shape = { sequence: 64, microRows: 2, mostAnswers: 9, padding: 6 }
const text = (ids: ArrayLike<number>) => tokenizer.decode(Array.from(ids), { special: true })

describe('prepared rankings', () => {
  it('have a manifest that holds, and notices a change of the groups', async () => {
    const folder = join(place, 'data')
    expect((await verifyManifest(folder)).problems).toEqual([])
    expect(readManifest(folder).sources.map(({ licence }) => licence)).toEqual(['MIT', 'MIT'])
    const path = join(folder, 'ranked.train.groups.json')
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, whole.replace('"grades":[', '"grades":[9,'))
    expect((await verifyManifest(folder)).problems.join()).toMatch(/ranked\.train.*groups/)
    expect(() => files()).toThrow('groups.json is not the one of the manifest')
    writeFileSync(path, whole)
  })

  it('are refused where their licence does not allow training', async () => {
    await expect(prepare('refused', 'CC-BY-NC-4.0')).rejects.toThrow(LicenceError)
  })

  it('keep conversations that begin alike on one side', () => {
    const first = (split: 'train' | 'validation') =>
      new Set(
        files(split)
          .filter(({ name }) => name === 'pairs')
          .flatMap((file) =>
            Array.from({ length: file.prompts }, (_, i) => /question \d+/.exec(text(file.group(i, 9)[0].ids))?.[0]),
          ),
      )
    const [train, held] = [first('train'), first('validation')]
    expect(train.size).toBeGreaterThan(4)
    expect(held.size).toBeGreaterThan(1)
    expect([...train].filter((one) => held.has(one))).toEqual([])
  })

  it('hold each answer behind its prompt, the best first, and teach its tokens up to the end mark', () => {
    const file = files().find(({ name }) => name === 'pairs')
    const [good, bad] = file?.group(0, 9) ?? []
    expect(text(good.ids)).toMatch(/more \d+<\|im_end\|>\n<\|im_start\|>assistant\ngood \d+<\|im_end\|>$/)
    expect(text(bad.ids)).toMatch(/assistant\nbad<\|im_end\|>$/)
    const learned = Array.from(good.ids).filter((_, i) => good.mask[i])
    expect(text(learned)).toMatch(/^good \d+<\|im_end\|>$/)
    expect(good.grade).toBeGreaterThan(bad.grade)
  })
})

/** Everything a batch says must agree with its files. */
function check(batch: PreferenceBatch, of: ReturnType<typeof files>): void {
  const { tokens, positions, documents, answers, ends, learned, targets, groups } = batch
  expect(Math.log2(batch.rows) % 1).toBe(0)
  let pair = 0
  for (const { file, answers: mine, pairs } of groups) {
    for (const { place: number } of mine) {
      const end = ends[number]
      const start = end - positions[end]
      const ids = Array.from(tokens.subarray(start, end + 1))
      expect(Math.floor(start / shape.sequence)).toBe(Math.floor(end / shape.sequence))
      expect(text(ids)).toContain('<|im_start|>assistant')
      expect(of[file].name === 'pairs' || of[file].name === 'ranked').toBe(true)
      for (let t = start; t <= end; t++) {
        expect(documents[t]).toBe(number)
        expect(answers[t]).toBe(number)
        expect(positions[t]).toBe(t - start)
        if (t < end) expect(targets[t]).toBe(tokens[t + 1])
      }
      expect(learned[end]).toBe(0)
      expect(learned.subarray(start, end).some((value) => value === 1)).toBe(true)
    }
    expect(pairs).toHaveLength(rankedPairs(mine.length).length)
    for (const [better, worse] of pairs) {
      expect(batch.better[pair]).toBe(better)
      expect(batch.worse[pair]).toBe(worse)
      const grade = (of: number) => mine.find((one) => one.place === of)?.grade ?? Number.NaN
      expect(grade(better)).toBeGreaterThan(grade(worse))
      expect(batch.pairWeights[pair++]).toBeGreaterThan(0)
    }
  }
  expect(batch.pairWeights.subarray(pair).every((weight) => weight === 0)).toBe(true)
}

describe('batches of rankings', () => {
  it('show every prompt once an epoch, with all its pairs in one micro-batch, and weights of 1 in all', () => {
    const of = files()
    const batches = new PreferenceBatches({ ...shape, files: of, prompts: 4, seed: 1 })
    expect(batches.total).toBe(of.reduce((sum, file) => sum + file.prompts, 0))
    for (let epoch = 0; epoch < 2; epoch++) {
      const seen: string[] = []
      for (let step = 0; step < batches.stepsPerEpoch; step++) {
        const micro = batches.next()
        const weight = micro.reduce((sum, { pairWeights }) => sum + pairWeights.reduce((a, b) => a + b, 0), 0)
        expect(weight).toBeCloseTo(1, 5)
        for (const batch of micro) {
          check(batch, of)
          for (const { file, answers } of batch.groups) seen.push(`${file}.${answers[0].document}`)
        }
      }
      expect(seen).toHaveLength(batches.total)
      expect(new Set(seen).size).toBe(batches.total)
    }
  })

  it('go on from a state as they would have gone on, and refuse one of other data', () => {
    const make = (seed: number) => new PreferenceBatches({ ...shape, files: files(), prompts: 4, seed })
    const one = make(1)
    for (let i = 0; i < 3; i++) one.next()
    const state = JSON.parse(JSON.stringify(one.state()))
    const other = make(1)
    other.restore(state)
    expect(other.next()).toEqual(one.next())
    expect(() => make(2).restore(state)).toThrow(PreferenceError)
  })

  it('hold out prompts as they come, a number of each file', () => {
    const of = files('validation')
    const batches = allPreferences(of, shape, 2)
    for (const batch of batches) check(batch, of)
    const groups = batches.flatMap((batch) => batch.groups)
    expect(groups).toHaveLength(of.reduce((sum, file) => sum + Math.min(2, file.prompts), 0))
  })

  it('take the best, the worst and some between of a long ranking', () => {
    const of = files()
    const file = of.findIndex(({ name }) => name === 'ranked')
    const long =
      Array.from({ length: of[file].prompts }, (_, i) => i).find((i) => of[file].group(i, 9).length === 5) ?? -1
    expect(of[file].group(long, 3).map(({ grade }) => grade)).toEqual([5, 3, 1])
  })
})

test('an answer that is too long loses the beginning of its prompt first, and never its end mark', () => {
  const answer = (prompt: number, length: number) => ({
    document: 0,
    grade: 1,
    ids: Uint16Array.from({ length: prompt + length }, (_, i) => i),
    mask: Uint8Array.from({ length: prompt + length }, (_, i) => (i < prompt ? 0 : 1)),
  })
  expect(Array.from(fitted(answer(10, 4), 8).ids)).toEqual([6, 7, 8, 9, 10, 11, 12, 13])
  expect(Array.from(fitted(answer(10, 10), 8).ids)).toEqual([8, 9, 10, 11, 12, 13, 14, 19])
  expect(Array.from(fitted(answer(1, 10), 8).ids)).toEqual([0, 1, 2, 3, 4, 5, 6, 10])
  expect(Array.from(fitted(answer(10, 10), 8).mask)).toEqual([0, 0, 1, 1, 1, 1, 1, 1])
  expect(fitted(answer(3, 3), 8).ids).toHaveLength(6)
})

test('equal grades make no pair', () => {
  expect(rankedPairs(3)).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ])
  expect(rankedPairs(3, [1, 1, 0])).toEqual([
    [0, 2],
    [1, 2],
  ])
  const said = (content: string) => [{ role: 'assistant' as const, content }]
  const pairs = preferencePairs({ prompt: [], ranked: [said('a'), said('b')], grades: [2, 2] })
  expect(pairs).toEqual([])
})
