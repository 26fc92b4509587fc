import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareCorpus } from '#data/prepare'
import { characterTokenizer } from '#model/tokenizer-training'
import type { Metrics } from './metrics.ts'
import { decimate, logTicks, smoothed, ticks } from './report/curve.ts'
import { html } from './report/markup.ts'
import { clock, compact, short } from './report/numbers.ts'
import { writeReport } from './report.ts'
import { RunConfigError } from './run-config.ts'

const hostile = `</title><script>alert(1)</script><img src=x onerror="alert(2)">&'\u0000`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-report-'))
  const run = {
    stage: 'pretrain',
    name: 'reported',
    tokenizer: { kind: 'characters' },
    data: [{ name: 'facts', generator: 'statements' }],
    steps: 2000,
  }
  writeFileSync(join(folder, 'run.json'), JSON.stringify(run))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (metrics: readonly (Metrics | string)[]): string => {
  const lines = metrics.map((m) => (typeof m === 'string' ? m : JSON.stringify(m)))
  writeFileSync(join(folder, 'metrics.jsonl'), lines.map((line) => `${line}\n`).join(''))
  return readFileSync(writeReport(folder), 'utf8')
}
const step = (at: number, loss = 5 / Math.sqrt(at)): Metrics => ({
  kind: 'step',
  step: at,
  tokens: at * 8192,
  loss,
  gradientNorm: 1 + 1 / at,
  learningRate: 1e-3,
  tokensPerSecond: 5000,
  utilisation: 0.7,
  seconds: at * 1.6,
})
const evaluation = (at: number, names: string[]): Metrics => ({
  kind: 'evaluation',
  step: at,
  tokens: at * 8192,
  seconds: at,
  scores: Object.fromEntries(names.map((name, i) => [name, { loss: 2 + i, bitsPerByte: 1 + i / 10 + 1 / at }])),
})
const charts = (page: string) => page.match(/<svg class="chart/g)?.length ?? 0

describe('a report', () => {
  it('of a run without figures says so', () => {
    const page = readFileSync(writeReport(folder), 'utf8')
    expect(page).toContain('No figures yet')
    expect(page).toContain('Not prepared yet')
    expect(charts(page)).toBe(0)
    expect(page).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('of one step, or of figures that are no numbers, is whole', () => {
    const one = write([step(1), evaluation(1, ['facts']), { kind: 'sample', step: 1, prompt: 'Hi', text: ' there' }])
    expect(charts(one)).toBe(6)
    expect(one).not.toMatch(/NaN|Infinity|undefined/)
    const broken = { ...step(2), loss: null, gradientNorm: 0 } as unknown as Metrics
    expect(write([step(1), broken, step(3)])).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('draws six curves, with the last scores beside their names, and stays small', () => {
    const names = Array.from({ length: 11 }, (_, i) => `source-${i}`)
    const long = Array.from({ length: 2000 }, (_, i) => step(i + 1))
    const page = write([...long, evaluation(1000, names), evaluation(2000, names)])
    expect(charts(page)).toBe(6)
    expect(page).toContain('source-10 <b>2.001</b>')
    expect(page).toContain('step 2,000 of 2,000')
    expect(page.length).toBeLessThan(400_000)
    for (const path of page.match(/ d="[^"]*"/g) ?? []) expect(path.match(/[ML]/g)?.length).toBeLessThanOrEqual(800)
  })

  it('says that the peak was measured on a busy machine where steps come out above it', () => {
    const calm = write([step(1), step(2)])
    expect(calm).not.toContain('busy')
    const busy = write([step(1), { ...step(2), utilisation: 1.31 } as Metrics, step(3)])
    expect(busy).toMatch(/1 of 3 steps come out above 100 % of the peak: it was measured while the machine was busy/)
    expect(busy).toContain('机器繁忙')
    // The figure itself stays in the chart.
    expect(busy).toContain('131 %')
  })

  it('asks for nothing from outside and holds no script', () => {
    const page = write([step(1), step(2)])
    expect(page).not.toMatch(/<script|https?:|url\(|@import|<link|<img/i)
    expect(page).toMatch(/prefers-color-scheme:dark/)
    expect(page).toContain('lang="zh"')
  })

  it('escapes every text that a run brings along', async () => {
    const tokenizer = characterTokenizer(['some text'], { specialTokens: ['<|endoftext|>', '<|pad|>'] })
    const documents = () => [{ source: hostile, licence: 'MIT', origin: '1', text: 'some text that is long enough' }]
    await prepareCorpus({
      sources: [{ name: 'facts', kind: 'text', documents, identity: '1', licence: 'MIT' }],
      tokenizer,
      outDir: join(folder, 'data'),
      seed: 1,
    })
    const page = write([step(1), evaluation(1, [hostile]), { kind: 'sample', step: 1, prompt: hostile, text: hostile }])
    expect(page).not.toMatch(/<script|<img|onerror="|\0/)
    expect(page.match(/&lt;script&gt;alert\(1\)/g)?.length).toBeGreaterThanOrEqual(4)
  })

  it('is not written for a folder that holds no run', () => {
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    expect(() => writeReport(empty)).toThrow(RunConfigError)
  })
})

describe('fewer points', () => {
  const line = Array.from({ length: 10_000 }, (_, i) => ({ x: i, y: Math.sin(i / 500) }))

  it('keep the ends, the order and every spike', () => {
    line[4321] = { x: 4321, y: 99 }
    line[8765] = { x: 8765, y: -99 }
    const kept = decimate(line, 100)
    expect(kept.length).toBeLessThanOrEqual(100)
    expect([kept[0], kept.at(-1)]).toEqual([line[0], line.at(-1)])
    expect(kept).toContainEqual({ x: 4321, y: 99 })
    expect(kept).toContainEqual({ x: 8765, y: -99 })
    expect(kept.every(({ x }, i) => i === 0 || x > kept[i - 1].x)).toBe(true)
  })

  it('are all of a few', () => expect(decimate(line.slice(0, 5), 800)).toEqual(line.slice(0, 5)))

  it('smoothed follow a constant exactly and start at the first value', () => {
    const flat = line.map(({ x }) => ({ x, y: 3 }))
    expect(smoothed(flat, 20).every(({ y }) => Math.abs(y - 3) < 1e-9)).toBe(true)
    expect(smoothed(line, 20)[0]).toEqual(line[0])
    expect(smoothed([], 20)).toEqual([])
  })
})

describe('axes', () => {
  it.each<[number, number, number[]]>([
    [0, 10, [0, 2, 4, 6, 8, 10]],
    [0.13, 0.42, [0.2, 0.3, 0.4]],
    [5, 5, [5]],
    [-1, 1, [-1, -0.5, 0, 0.5, 1]],
  ])('from %d to %d have round values', (low, high, expected) => expect(ticks(low, high)).toEqual(expected))

  it('may be logarithmic', () => {
    expect(logTicks(0.5, 20)).toEqual([0.5, 1, 2, 5, 10, 20])
    expect(logTicks(1e-4, 1e4)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000, 1e4])
    expect(logTicks(1, 1.5).every((v) => v >= 1 && v <= 1.5)).toBe(true)
  })

  it('have short numbers', () => {
    expect([compact(1_234_567), compact(999_999), compact(12), short(0.000_12), short(0.0123)]).toEqual([
      '1.23 M',
      '1 M',
      '12',
      '1.2 × 10⁻⁴',
      '0.0123',
    ])
    expect([clock(5), clock(3000), clock(7500)]).toEqual(['5 s', '50 min', '2 h 05 min'])
  })
})

describe('markup', () => {
  it('escapes texts in content and attributes, joins lists and leaves markup as it is', () => {
    const inner = html`<b>${'<&>'}</b>`
    expect(html`<p title="${'"x"'}">${[inner, 1, null]}</p>`.text).toBe(
      '<p title="&quot;x&quot;"><b>&lt;&amp;&gt;</b>1</p>',
    )
  })
})
