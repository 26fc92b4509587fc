import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tokenizer as PeerTokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { Tokenizer } from '#model/tokenizer'
import { trainTokenizer } from '#model/tokenizer-training'
import { ModelFolderError, normalFormOf, saveModel } from '#model/weights'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dotline-publish-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const trained = trainTokenizer(['Café, naïve; 한국어 배우기; Tiếng Việt đẹp lắm. 点线 '.repeat(9)], {
  vocabSize: 330,
  specialTokens: ['<|end|>', '<|pad|>'],
})
const small = { vocabSize: 330, contextLength: 8, layers: 1, width: 8, heads: 2, kvHeads: 2, headWidth: 4, hidden: 8 }
const llama: GptConfig = { ...presets.starter, ...small }
const qwen2: GptConfig = { ...llama, qkvBias: true }

async function saved(config: GptConfig, tokenizer: object = trained.toJson()): Promise<string> {
  const folder = mkdtempSync(join(root, 'model-'))
  const parameters = parameterSpecs(config).map(({ name, shape }) => {
    return [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const
  })
  await saveModel(folder, {
    config,
    parameters: new Map(parameters),
    tokenizerJson: JSON.stringify(tokenizer),
    chatTemplate: null,
    specialTokens: { eos: '<|end|>', pad: '<|pad|>' },
    dtype: 'f16',
  })
  return folder
}

const fileOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'))

/** Letters and their marks apart, Korean in letters, signs that NFC replaces, and marks in an order that NFC changes. */
const apart = [
  'Cafe\u0301, nai\u0308ve',
  '\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165',
  'Tie\u0302\u0301ng Vie\u0323\u0302t',
  '\u212b \u2126 \uf900 \ufb01',
  'a\u0301\u0323 <|end|> e\u0301<|pad|>',
]

describe('a Qwen2 shape, whose text transformers brings into NFC whatever the file says', () => {
  it('is written with NFC, which Dotline then applies as its peer does', async () => {
    const folder = await saved(qwen2)
    const [json, tokenizer] = [fileOf(folder), await Tokenizer.open(folder)]
    expect(json.normalizer).toEqual({ type: 'NFC' })
    const peer = new PeerTokenizer(json, {})
    const same = (text: string) => {
      const ids = [...tokenizer.encode(text, { special: true })]
      expect(ids).toEqual(peer.encode(text, { add_special_tokens: false }).ids)
      expect(ids).toEqual([...trained.encode(text.normalize('NFC'), { special: true })])
    }
    for (const text of apart) {
      same(text)
      expect([...tokenizer.encode(text)]).not.toEqual([...trained.encode(text)])
    }
    const parts = fc.constantFrom(...'aeouAE한글 .,點', '\u0301', '\u0302', '\u0323', '\u1112', '\u1161', '\u11ab')
    fc.assert(fc.property(fc.string({ unit: parts }), same), { numRuns: 500 })
  })

  it('keeps a file that says so already', async () => {
    const json = { ...trained.toJson(), normalizer: { type: 'NFC' } }
    expect(readFileSync(join(await saved(qwen2, json), 'tokenizer.json'), 'utf8')).toBe(JSON.stringify(json))
  })

  it('refuses a tokenizer that normalises otherwise, and says what to do', async () => {
    const refused = saved(qwen2, { ...trained.toJson(), normalizer: { type: 'NFKC' } })
    await expect(refused).rejects.toThrow(ModelFolderError)
    await expect(refused).rejects.toThrow(/"?normalizer"?.* give the tokenizer NFC or none/)
  })
})

it('other shapes go by their file', async () => {
  expect(fileOf(await saved(llama)).normalizer).toBeNull()
  expect([normalFormOf(llama), normalFormOf(qwen2)]).toEqual([null, 'NFC'])
})

it('a tokenizer that is to normalise has the ids of its saved folder', async () => {
  const folder = await saved(qwen2)
  const normalizing = trained.normalizing('NFC')
  expect(normalizing.toJson()).toEqual(fileOf(folder))
  expect(normalizing.normalizing('NFC')).toBe(normalizing)
})
