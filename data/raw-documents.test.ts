import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { trainTokenizer } from '#model/tokenizer-training'
import type { Document } from './document.ts'
import { type CorpusSource, prepareCorpus } from './prepare.ts'
import { compareWithSources } from './raw-documents.ts'

let folder: string
const at = (name: string) => join(folder, name)

const lines = (name: string) => Array.from({ length: 30 }, (_, i) => `${name} says number ${i}, and nothing more`)
const write = (name: string, texts: readonly string[]) =>
  writeFileSync(at(name), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''))

const file = (name: string, source = 'a place'): CorpusSource => ({
  name,
  path: at(`${name}.jsonl`),
  source,
  licence: 'MIT',
  kind: 'text',
  near: false,
})
const generator = (word = 'made'): CorpusSource => ({
  name: 'made',
  kind: 'text',
  near: false,
  identity: 'made 1',
  documents: function* (): Generator<Document> {
    for (const [i, text] of lines(word).entries())
      yield { text, source: 'a generator', licence: 'MIT', origin: `made-${i}` }
  },
})

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'raw-'))
  for (const name of ['one', 'two', 'three']) write(`${name}.jsonl`, lines(name))
  await prepareCorpus({
    sources: [file('one'), file('two'), file('three', 'another place'), generator()],
    tokenizer: trainTokenizer(lines('any'), { vocabSize: 300, specialTokens: [] }),
    outDir: at('out'),
    seed: 1,
  })
})
afterEach(() => rmSync(folder, { recursive: true }))

const compare = (...sources: CorpusSource[]) => compareWithSources(at('out'), sources)
const all = () => [file('one'), file('two'), file('three', 'another place'), generator()]

test('every document of the manifest is found where it came from', async () => {
  expect(await compare(...all())).toEqual({
    ok: true,
    found: 120,
    missing: 0,
    first: null,
    unchecked: 0,
    problems: [],
  })
})

test('the first document that was changed or removed is named, and one that was added is no matter', async () => {
  const texts = lines('two')
  texts[7] += '!'
  texts.splice(20, 1)
  write('two.jsonl', [...texts, 'something new'])
  const report = await compare(...all())
  expect(report).toMatchObject({ ok: false, found: 118, missing: 2, unchecked: 0 })
  expect(report.first?.source).toBe('a place')
  expect(report.first?.origin).toMatch(/^two\.jsonl:(8|21)$/)
})

test('what is not here is not checked, and not called missing', async () => {
  expect(await compare(file('one'))).toMatchObject({ ok: true, found: 30, missing: 0, unchecked: 90 })
  write('one.jsonl', [])
  expect(await compare(file('one'))).toMatchObject({ ok: false, missing: 30, unchecked: 90 })
})

test('a generator that makes other documents than it did is found out', async () => {
  expect(await compare(generator('other'))).toMatchObject({ ok: false, missing: 30, unchecked: 90 })
})

test('a source that cannot be read is a problem that names file and line', async () => {
  writeFileSync(
    at('one.jsonl'),
    readFileSync(at('one.jsonl'), 'utf8').replace('{"text":"one says number 3,', '{"text":'),
  )
  const report = await compare(file('one'))
  expect(report.ok).toBe(false)
  expect(report.problems).toEqual([expect.stringMatching(/one\.jsonl, line 4: is not JSON/)])
})
