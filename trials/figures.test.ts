import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Figures, type Goal } from '#trials/figures'

let folder: string
let printed: string[]
const print = (line: string) => printed.push(line)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'figures-'))
  printed = []
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  process.exitCode = undefined
})

describe('a figure', () => {
  test('prints as one line', () => {
    const figures = new Figures('npm run bench -- train', { print })
    figures.record('step ratio', 3.51234, '×', { op: '>=', value: 3.5 })
    figures.record('strings', 10_000, 'strings')
    figures.record('speed', 12_345.6, 'tokens/s')
    figures.record('loss', 0.000123456, '')
    expect(printed).toEqual([
      'figure step ratio = 3.512 × (goal >= 3.5)',
      'figure strings = 10000 strings',
      'figure speed = 12346 tokens/s',
      'figure loss = 0.0001235',
    ])
  })

  test('that is no number, or whose name would break the line, is refused', () => {
    const figures = new Figures('x', { print })
    expect(() => figures.record('ratio', Number.NaN, '×')).toThrow(RangeError)
    expect(() => figures.record('a = b', 1, '×')).toThrow(RangeError)
    expect(printed).toEqual([])
  })
})

describe('goals', () => {
  const cases: [number, Goal, boolean][] = [
    [3.5, { op: '>=', value: 3.5 }, true],
    [3.49999, { op: '>=', value: 3.5 }, false],
    [3.5, { op: '>', value: 3.5 }, false],
    [3.5, { op: '<=', value: 3.5 }, true],
    [3.6, { op: '<=', value: 3.5 }, false],
    [3.4, { op: '<', value: 3.5 }, true],
    [3.5, { op: '<', value: 3.5 }, false],
    [0, { op: '=', value: 0 }, true],
    [1, { op: '=', value: 0 }, false],
  ]

  test.each(cases)('%d against %o: %s', (value, goal, met) => {
    const figures = new Figures('x', { print, check: true })
    figures.record('f', value, 'u', goal)
    expect(figures.finish()).toBe(met)
    expect(process.exitCode).toBe(met ? undefined : 1)
  })

  test('missed without --check leave the exit code alone, and are named', () => {
    const figures = new Figures('x', { print, check: false })
    figures.record('f', 3.49999, 'u', { op: '>=', value: 3.5 })
    expect(figures.finish()).toBe(false)
    expect(process.exitCode).toBeUndefined()
    expect(printed.at(-1)).toBe('goal missed: f is 3.49999, not >= 3.5')
  })
})

describe('the log', () => {
  const options = () => ({ print, logFile: join(folder, 'LOG.md'), now: () => new Date('2026-11-24T10:00:00Z') })

  test('receives dated sections, one after the other', () => {
    for (const value of [1, 2]) {
      const figures = new Figures('npm run bench -- decode', { ...options(), log: true })
      figures.record('speed', value, 'tokens/s', { op: '>=', value: 2 })
      figures.note('alone')
      figures.finish()
    }
    const log = readFileSync(join(folder, 'LOG.md'), 'utf8')
    expect(log.startsWith('# Figures\n')).toBe(true)
    expect(log.match(/^## 2026-11-24 `npm run bench -- decode`$/gm)).toHaveLength(2)
    expect(log).toContain('- figure speed = 1 tokens/s (goal >= 2)\n- alone\n- goal missed: speed is 1, not >= 2\n')
    expect(log.trimEnd().endsWith('- figure speed = 2 tokens/s (goal >= 2)\n- alone')).toBe(true)
  })

  test('stays untouched without --log', () => {
    const figures = new Figures('x', { ...options(), log: false })
    figures.record('speed', 1, 'tokens/s')
    figures.finish()
    expect(() => readFileSync(join(folder, 'LOG.md'))).toThrow('ENOENT')
  })
})
