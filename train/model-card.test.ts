import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { combineManifests } from '#data/manifest'
import { prepareCorpus } from '#data/prepare'
import { endOfText, padding } from '#model/chat'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { characterTokenizer } from '#model/tokenizer-training'
import { saveModel } from '#model/weights'
import { type ModelCard, ModelCardError, writeModelCard } from './model-card.ts'

const card: ModelCard = {
  name: 'tiny',
  licence: 'Apache-2.0',
  languages: ['en', 'zh', 'no'],
  summary: 'A toy that a test made.',
  uses: ['testing'],
  can: ['hold | bars and <b>tags</b>'],
  cannot: ['anything else'],
  figures: [
    { task: 'held-out: English', metric: 'right', value: 71.256, unit: '%', measured: 'npm run trials -- starter' },
  ],
  training: ['no steps at all'],
}

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-card-'))
  const tokenizer = characterTokenizer(['abc'], { specialTokens: [endOfText, padding] })
  const shape = { layers: 1, width: 16, heads: 1, kvHeads: 1, headWidth: 16, hidden: 16, contextLength: 32 }
  const config: GptConfig = { ...presets.starter, ...shape, vocabSize: tokenizer.vocabSize }
  const parameters = parameterSpecs(config).map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
    return [name, { shape, data }] as const
  })
  await saveModel(folder, {
    config,
    parameters: new Map(parameters),
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate: null,
    specialTokens: { eos: endOfText, pad: padding },
    dtype: 'f16',
  })
  const documents = () => [{ source: 'a/b|c', licence: 'CC0-1.0', origin: '1', text: 'abc abc abc' }]
  const outDir = join(folder, 'data')
  await prepareCorpus({ sources: [{ name: 'x', kind: 'text', documents, identity: '1' }], tokenizer, outDir, seed: 1 })
  await combineManifests([outDir], folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const text = () => readFileSync(writeModelCard(folder, card), 'utf8')

describe('a model card', () => {
  it('begins with front matter that the hub reads', () => {
    const [, front] = text().split('---\n')
    expect(front).toContain('license: apache-2.0\n')
    expect(front).toContain('language:\n  - en\n  - zh\n  - "no"\n')
    expect(front).toContain('library_name: transformers\n')
    expect(front).toContain('name: "held-out: English"\n')
    expect(front).toContain('value: 71.256\n')
  })

  it('says what it was trained on, from the manifest, and how large it is, from the configuration', () => {
    expect(text()).toContain('| a/b\\|c | CC0-1.0 | 1 | 11 |')
    expect(text()).toContain('1 layers of width 16')
    expect(text()).toMatch(/Manifest: `[0-9a-f]{64}`/)
  })

  it('shows the figures with what measured them, and lets no text become markup', () => {
    expect(text()).toContain('| held-out: English | right | 71.26 % | `npm run trials -- starter` |')
    expect(text()).toContain('- hold \\| bars and \\<b\\>tags\\</b\\>')
  })

  it('is not written without what it cannot do, with a figure that is none, or without a model', () => {
    expect(() => writeModelCard(folder, { ...card, cannot: [] })).toThrow(ModelCardError)
    expect(() => writeModelCard(folder, { ...card, cannot: [] })).toThrow('cannot is empty')
    const figures = [{ ...card.figures[0], value: Number.NaN }]
    expect(() => writeModelCard(folder, { ...card, figures })).toThrow('held-out: English')
    expect(() => writeModelCard(join(folder, 'data'), card)).toThrow(ModelCardError)
  })
})
