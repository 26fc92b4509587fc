import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MetricsFile, readMetrics, type SampleMetrics } from './metrics.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-metrics-'))
  path = join(folder, 'metrics.jsonl')
})
afterEach(() => rmSync(folder, { recursive: true }))

const sample = (step: number): SampleMetrics => ({ kind: 'sample', step, prompt: 'a', text: `line\n${step}` })
const steps = () => readMetrics(path).map(({ step }) => step)

describe('metrics', () => {
  it('come back as they were written, in order', () => {
    const file = new MetricsFile(path, 0)
    for (const step of [1, 2, 3]) file.add(sample(step))
    expect(readMetrics(path)).toEqual([sample(1), sample(2), sample(3)])
  })

  it('are none where there is no file', () => expect(readMetrics(path)).toEqual([]))

  it('of steps after the checkpoint are dropped on resume, and written again', () => {
    const before = new MetricsFile(path, 0)
    for (const step of [1, 2, 2, 3, 4]) before.add(sample(step))
    const after = new MetricsFile(path, 2)
    expect(steps()).toEqual([1, 2, 2])
    after.add(sample(3))
    expect(steps()).toEqual([1, 2, 2, 3])
  })

  it('lose the line that a kill cut short, and go on after it', () => {
    new MetricsFile(path, 0).add(sample(1))
    appendFileSync(path, '{"kind":"sample","step":2,"pro')
    expect(steps()).toEqual([1])
    new MetricsFile(path, 5).add(sample(2))
    expect(steps()).toEqual([1, 2])
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
  })

  it('of a run that starts anew are dropped', () => {
    writeFileSync(path, `${JSON.stringify(sample(9))}\n`)
    new MetricsFile(path, 0)
    expect(steps()).toEqual([])
  })
})
