import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelConfig, parseRunConfig, RunConfigError, readRunConfig } from './run-config.ts'

const good = {
  stage: 'pretrain',
  name: 'a-run',
  tokenizer: { kind: 'characters' },
  data: [{ name: 'facts', generator: 'statements' }],
}

/** The sentence with which a configuration is refused. */
function refusal(value: unknown): string {
  try {
    parseRunConfig(value, 'run.json')
  } catch (error) {
    expect(error).toBeInstanceOf(RunConfigError)
    return (error as Error).message
  }
  return 'accepted'
}

describe('a run configuration', () => {
  it('fills in its defaults', () => {
    const run = parseRunConfig(good)
    expect(run).toMatchObject({ seed: 1, steps: 1000, dtype: 'f16', optimizer: { kind: 'muon', schedule: 'wsd' } })
    expect(parseRunConfig(run)).toEqual(run)
  })

  it.each<[string, unknown]>([
    ['stage', { ...good, stage: 'pre-train' }],
    ['name', { ...good, name: '../elsewhere' }],
    ['steps', { ...good, steps: 0 }],
    ['steps', { ...good, steps: 1.5 }],
    ['seed', { ...good, seed: -1 }],
    ['validationShare', { ...good, validationShare: 2 }],
    ['optimizer.learningRate', { ...good, optimizer: { learningRate: 0 } }],
    ['optimizer.kind', { ...good, optimizer: { kind: 'lion' } }],
    ['model.preset', { ...good, model: { preset: 'gpt5' } }],
    ['model.layers', { ...good, model: { layers: 'six' } }],
    ['data', { ...good, data: [] }],
    ['data.0.name', { ...good, data: [{ name: 'a b', generator: 'statements' }] }],
    ['data.0.generator', { ...good, data: [{ name: 'a', generator: 'poems' }] }],
    ['learningRate', { ...good, learningRate: 0.1 }],
    ['dtype', { ...good, dtype: 'f64' }],
    ['samplePrompts', { ...good, samplePrompts: 'Hello' }],
    ['(top)', null],
  ])('names the field %s', (field, value) => {
    const said = refusal(value)
    expect(said).toMatch(/^run\.json: /)
    expect(said).toContain(field)
  })

  it('wants a path or a generator for each source, and whole micro-batches', () => {
    expect(refusal({ ...good, data: [{ name: 'both', path: 'x', generator: 'statements' }] })).toContain('"both"')
    expect(refusal({ ...good, data: [{ name: 'none' }] })).toContain('"none"')
    expect(refusal({ ...good, rows: 5, microRows: 2 })).toContain('rows (5)')
  })

  it('names the file that is not JSON or not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dotline-config-'))
    const path = join(folder, 'run.json')
    writeFileSync(path, '{"stage":')
    expect(() => readRunConfig(path)).toThrow(RunConfigError)
    expect(() => readRunConfig(path)).toThrow(path)
    rmSync(folder, { recursive: true })
    expect(() => readRunConfig(path)).toThrow(RunConfigError)
  })
})

describe('the model of a run', () => {
  const model = (fields: object, sequence = 256) =>
    modelConfig(parseRunConfig({ ...good, model: fields, sequence }), 300)

  it('is the preset with the run’s own fields and its vocabulary', () => {
    expect(model({ layers: 3, width: 96, heads: 3 })).toMatchObject({
      vocabSize: 300,
      layers: 3,
      width: 96,
      heads: 3,
      kvHeads: 3,
      headWidth: 32,
    })
  })

  it.each<[string, object, number]>([
    ['width 100 does not divide into 3 heads', { width: 100, heads: 3 }, 256],
    ['heads 6 is not a multiple of kvHeads 4', { width: 192, heads: 6, kvHeads: 4 }, 256],
    ['RoPE needs an even headWidth', { width: 75, heads: 3, kvHeads: 3, headWidth: 25 }, 256],
    ['sequence 256 is longer than contextLength 128', { contextLength: 128 }, 256],
  ])('is refused where %s', (said, fields, sequence) => {
    expect(() => model(fields, sequence)).toThrow(RunConfigError)
    expect(() => model(fields, sequence)).toThrow(said)
  })
})
