import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ChatFormat, specialTokens } from '#model/chat'
import type { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import type { Document } from './document.ts'
import { LicenceError } from './licence.ts'
import { readManifestDocuments } from './manifest/documents.ts'
import { assertManifestLicences, combineManifests, readManifest, verifyManifest } from './manifest.ts'
import { PackedBatches } from './packing.ts'
import { batchSources, type CorpusSource, type PrepareOptions, prepareCorpus } from './prepare.ts'
import { seededRandom } from './shuffle.ts'
import { TokenFile } from './token-file.ts'

const words = '点 线 连成 一条 线 the quick brown fox jumps over lazy dog and 春眠不觉晓 处处闻啼鸟'.split(' ')
let folder: string
let tokenizer: Tokenizer

function line(random: () => number): string {
  return Array.from({ length: 60 }, () => words[Math.floor(random() * words.length)]).join(' ')
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prepare-'))
  const random = seededRandom(1)
  const texts = Array.from({ length: 200 }, () => line(random))
  tokenizer ??= trainTokenizer(texts, { vocabSize: 600, specialTokens: [...specialTokens] })
  writeFileSync(join(folder, 'text.jsonl.gz'), gzipSync(texts.map((text) => JSON.stringify({ text })).join('\n')))
})
afterEach(() => rmSync(folder, { recursive: true }))

const text = (more: Partial<CorpusSource> = {}): CorpusSource => ({
  name: 'text',
  path: join(folder, 'text.jsonl.gz'),
  source: 'test',
  licence: 'MIT',
  kind: 'text',
  ...more,
})

const chat = (licence = 'CC0-1.0'): CorpusSource => ({
  name: 'chat',
  kind: 'chat',
  identity: 'talks 1',
  documents: function* (): Generator<Document> {
    for (let i = 0; i < 40; i++)
      yield {
        messages: [
          { role: 'user', content: `${i} + 1?` },
          { role: 'assistant', content: `${i + 1}` },
        ],
        source: 'talks',
        licence,
        origin: `talk ${i}`,
      }
  },
})

const prepare = (more: Partial<PrepareOptions> = {}) =>
  prepareCorpus({
    sources: [text(), chat()],
    tokenizer,
    chat: new ChatFormat(tokenizer),
    outDir: join(folder, 'out'),
    validationFraction: 0.1,
    seed: 3,
    ...more,
  })

test('documents become token files that hold their text, with a manifest that holds', async () => {
  const manifest = await prepare()
  expect(manifest.totals.documents).toBe(240)
  const out = join(folder, 'out')
  const decoded: string[] = []
  for (const split of ['train', 'validation']) {
    const file = new TokenFile(join(out, `text.${split}`))
    for (let d = 0; d < file.index.documents; d++) {
      const ids = file.read(file.starts[d], file.starts[d + 1] - file.starts[d])
      expect(ids[0]).toBe(tokenizer.specialTokens.get('<|endoftext|>'))
      decoded.push(tokenizer.decode(ids.subarray(1)))
    }
    file.close()
  }
  const random = seededRandom(1)
  expect(decoded.sort()).toEqual(Array.from({ length: 200 }, () => line(random)).sort())
  const held = manifest.sources[0].validation.documents
  expect(held).toBeGreaterThan(5)
  expect(held).toBeLessThan(40)
  const sources = batchSources(out, 'train', 32)
  expect(sources.map(({ mode }) => mode)).toEqual(['stream', 'pack'])
  expect(batchSources(out, 'train', 10 ** 6).map(({ mode }) => mode)).toEqual(['pack'])
  const batches = new PackedBatches({ sources, batch: 4, sequence: 32, seed: 1 })
  expect(batches.next().mask.reduce((sum, one) => sum + one)).toBeGreaterThan(32)
  batches.close()
  const talks = new TokenFile(join(out, 'chat.train'))
  const ids = talks.read(0, talks.starts[1])
  const learned = ids.filter((_, i) => talks.readMask(0, ids.length)?.[i])
  expect(tokenizer.decode(ids, { special: true })).toMatch(
    /^<\|im_start\|>user\n\d+ \+ 1\?<\|im_end\|>\n<\|im_start\|>assis/,
  )
  expect(tokenizer.decode(learned, { special: true })).toMatch(/^\d+<\|im_end\|>$/)
  talks.close()
  expect(await verifyManifest(out)).toMatchObject({ ok: true, documents: 240, problems: [] })
})

test('the same inputs give the same folder to the byte, and are taken as they are the second time', async () => {
  const first = await prepare()
  expect(await prepare()).toEqual(first)
  await prepare({ outDir: join(folder, 'again') })
  for (const name of readdirSync(join(folder, 'out')))
    expect(readFileSync(join(folder, 'again', name)).equals(readFileSync(join(folder, 'out', name))), name).toBe(true)
  await expect(prepare({ seed: 4 })).rejects.toThrow(/other inputs or options/)
  appendFileSync(join(folder, 'text.jsonl.gz'), gzipSync('{"text":"more"}\n'))
  await expect(prepare()).rejects.toThrow(/other inputs or options/)
})

test('a preparation that broke off is never taken for a finished one', async () => {
  const broken = chat()
  broken.documents = function* () {
    yield { messages: [{ role: 'assistant', content: 'hello' }], source: 'x', licence: 'MIT', origin: '1' } as Document
    throw new Error('the power went')
  }
  await expect(prepare({ sources: [text(), broken] })).rejects.toThrow('the power went')
  expect(existsSync(join(folder, 'out'))).toBe(false)
  expect(existsSync(join(folder, 'out.partial'))).toBe(false)
  mkdirSync(join(folder, 'out.partial'), { recursive: true })
  writeFileSync(join(folder, 'out.partial', 'stray'), 'x')
  await prepare()
  expect(existsSync(join(folder, 'out', 'stray'))).toBe(false)
  expect(existsSync(join(folder, 'out.partial'))).toBe(false)
})

test('data without a known, commercial licence is refused with the document named', async () => {
  await expect(prepare({ sources: [chat('CC-BY-NC-4.0')] })).rejects.toThrow(
    /talks, talk 0: CC-BY-NC-4\.0 forbids commercial use/,
  )
  await expect(prepare({ sources: [text({ licence: undefined, source: 'somewhere' })] })).rejects.toThrow(
    /text\.jsonl\.gz:1.*no licence is stated/,
  )
  await expect(prepare({ sources: [chat('LicenseRef-Ours')] })).rejects.toThrow(LicenceError)
  const allowed = await prepare({ sources: [chat('LicenseRef-Ours')], licences: { allow: ['LicenseRef-Ours'] } })
  expect(allowed.totals.documents).toBe(40)
})

test('repeated and nearly repeated documents are left out and counted', async () => {
  const random = seededRandom(1)
  const first = line(random)
  const extra = [first, `${first} end`, ' \u0000\n', `new ${line(seededRandom(77))}`]
  appendFileSync(
    join(folder, 'text.jsonl.gz'),
    gzipSync(`\n${extra.map((one) => JSON.stringify({ text: one })).join('\n')}`),
  )
  const manifest = await prepare({ sources: [text()] })
  expect(manifest.totals.documents).toBe(201)
  expect(manifest.sources[0].removed).toEqual({ empty: 1, exact: 1, near: 1 })
})

test('the tail of a text is held out where asked, as published splits do', async () => {
  const play = Array.from({ length: 1000 }, (_, i) => `line ${i}`).join('\n')
  writeFileSync(join(folder, 'play.txt'), `${play}\n`)
  const source = text({ name: 'play', path: join(folder, 'play.txt'), split: 'tail' })
  const manifest = await prepare({ sources: [source] })
  const whole = `${play}\n`
  const file = new TokenFile(join(folder, 'out', 'play.validation'))
  const cut = Math.floor(whole.length * 0.9)
  expect(tokenizer.decode(file.read(1, file.index.tokens - 1))).toBe(whole.slice(cut))
  expect(manifest.files.map(({ bytes }) => bytes)).toEqual([cut, whole.length - cut])
  file.close()
})

test('fill-in-the-middle keeps the text of each span between its marks', async () => {
  await prepare({ sources: [text()], fillInMiddle: { rate: 0.5, span: 64 } })
  const file = new TokenFile(join(folder, 'out', 'text.train'))
  const [prefix, suffix, middle] = ['prefix', 'suffix', 'middle'].map(
    (name) => tokenizer.specialTokens.get(`<|fim_${name}|>`) as number,
  )
  const random = seededRandom(1)
  const all = Array.from({ length: 200 }, () => line(random)).join('\n')
  let transformed = 0
  for (let d = 0; d < file.index.documents; d++) {
    const ids = [...file.read(file.starts[d], file.starts[d + 1] - file.starts[d])]
    const [p, s, m] = [prefix, suffix, middle].map((mark) => ids.indexOf(mark))
    if (p < 0) continue
    transformed++
    expect([p, p < s, s < m]).toEqual([1, true, true])
    const part = (from: number, to?: number) => tokenizer.decode(ids.slice(from, to))
    expect(all).toContain(part(p + 1, s) + part(m + 1) + part(s + 1, m))
  }
  expect(transformed).toBeGreaterThan(100)
  file.close()
  expect((await verifyManifest(join(folder, 'out'))).ok).toBe(true)
})

test('weights that learned from two corpora carry one manifest of both', async () => {
  const [first, second, weights] = ['first', 'second', 'weights'].map((name) => join(folder, name))
  await prepare({ sources: [text()], outDir: first })
  await prepare({ sources: [chat()], outDir: second })
  mkdirSync(weights)
  const manifest = await combineManifests([first, second], weights)
  expect(manifest.totals.documents).toBe(240)
  expect(manifest.preparations).toHaveLength(2)
  expect(await verifyManifest(weights, { tokens: [first, second] })).toMatchObject({ ok: true, documents: 240 })
  expect(await verifyManifest(weights, { tokens: [] })).toMatchObject({ ok: true })
  expect((await verifyManifest(weights)).problems).toHaveLength(4)
  expect(() => assertManifestLicences(manifest)).not.toThrow()
  manifest.sources[1].licence = 'CC-BY-NC-4.0'
  expect(() => assertManifestLicences(manifest)).toThrow(/talks: CC-BY-NC-4\.0 forbids commercial use/)
  const other = trainTokenizer(['else'], { vocabSize: 300, specialTokens: [...specialTokens] })
  rmSync(second, { recursive: true })
  await prepare({ sources: [chat()], outDir: second, tokenizer: other, chat: new ChatFormat(other) })
  await expect(combineManifests([first, second], weights)).rejects.toThrow(/another tokenizer/)
})

test('what a generator makes can stand as one digest, which depends on every document', async () => {
  const [first, second, weights] = ['first', 'second', 'weights'].map((name) => join(folder, name))
  await prepare({ sources: [text()], outDir: first })
  await prepare({ sources: [chat()], outDir: second })
  mkdirSync(weights)
  const digested = async () =>
    (await combineManifests([first, second], weights, { digest: (s) => /talks/.test(s.source) })).sources
  const [listed, generated] = await digested()
  expect(listed.digest).toBeUndefined()
  expect(generated.digest).toMatch(/^[0-9a-f]{64}$/)
  const report = await verifyManifest(weights, { tokens: [first, second] })
  expect(report).toMatchObject({ ok: true, documents: listed.train.documents + listed.validation.documents })
  expect((await digested())[1].digest).toBe(generated.digest)
})

test('tampering shows: in the manifest, in its documents, in the tokens', async () => {
  await prepare()
  const out = join(folder, 'out')
  const put = (name: string, content: string | Uint8Array) => writeFileSync(join(out, name), content)
  const manifest = readFileSync(join(out, 'manifest.json'), 'utf8')
  put('manifest.json', manifest.replace('"CC0-1.0"', '"MIT"'))
  expect((await verifyManifest(out)).problems.join()).toMatch(/changed after it was written/)
  put('manifest.json', manifest)
  const list: string[] = []
  for await (const document of readManifestDocuments(out)) list.push(`${JSON.stringify(document)}\n`)
  const kept = readFileSync(join(out, 'documents.jsonl.gz'))
  put('documents.jsonl.gz', gzipSync(list.slice(1).join('')))
  expect((await verifyManifest(out)).problems.join()).toMatch(/hash does not match.*239 documents.*sum to/)
  put('documents.jsonl.gz', 'nonsense')
  expect((await verifyManifest(out)).problems.join()).toMatch(/line 1: is not JSON/)
  put('documents.jsonl.gz', kept)
  const tokens = readFileSync(join(out, 'text.train.tokens'))
  tokens[10] ^= 1
  put('text.train.tokens', tokens)
  expect((await verifyManifest(out)).problems).toEqual([expect.stringMatching(/text\.train: the tokens were changed/)])
  rmSync(join(out, 'text.train.tokens'))
  expect((await verifyManifest(out)).problems.join()).toMatch(/text\.train\.tokens is missing/)
  expect(() => readManifest(folder)).toThrow(/no training run starts without a manifest/)
})

test('options that cannot be met are refused by name', async () => {
  await expect(prepare({ sources: [] })).rejects.toThrow(/sources is empty/)
  await expect(prepare({ validationFraction: 1 })).rejects.toThrow(/validationFraction/)
  await expect(prepare({ sources: [text({ weight: -1 })] })).rejects.toThrow(/weight must be finite/)
  await expect(prepare({ sources: [text(), text()] })).rejects.toThrow(/two sources are named "text"/)
  await expect(prepare({ sources: [text({ name: '../x' })] })).rejects.toThrow(/source name/)
  await expect(prepare({ sources: [text({ path: join(folder, 'none') })] })).rejects.toThrow(/does not exist/)
  await expect(prepare({ sources: [chat()], chat: undefined })).rejects.toThrow(/chat is missing/)
  await expect(prepare({ sources: [{ ...chat(), kind: 'text' }] })).rejects.toThrow(/give its source the kind "chat"/)
})
