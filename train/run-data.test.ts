import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseRunConfig } from './run-config.ts'
import { prepareRunData } from './run-data.ts'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'dotline-run-data-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

it.each([
  ['qwen2-0.5b', { type: 'NFC' }],
  ['starter', null],
] as const)('a tokenizer for the shape %s normalises as the published model will', async (preset, normalizer) => {
  const run = parseRunConfig({
    stage: 'pretrain',
    name: 'tiny',
    model: { preset, layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, contextLength: 64 },
    tokenizer: { kind: 'bpe', vocabSize: 300 },
    data: [{ name: 'facts', generator: 'statements', count: 20 }],
    sequence: 32,
  })
  const first = await prepareRunData(run, place, place)
  expect(first.tokenizer.toJson()).toMatchObject({ normalizer })
  const again = await prepareRunData(run, place, place)
  expect(again.tokenizer.toJson()).toEqual(first.tokenizer.toJson())
})
