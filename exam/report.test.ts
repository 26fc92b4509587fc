import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Figure } from './figures.ts'
import { renderExam, writeExam } from './report.ts'
import type { ExamResult } from './run.ts'

const figure = (more: Partial<Figure> = {}): Figure => ({
  name: 'accuracy',
  value: 0.62,
  low: 0.52,
  high: 0.71,
  n: 100,
  chance: 0.25,
  interval: 'wilson',
  unit: 'share',
  main: true,
  better: 'higher',
  ...more,
})
const result: ExamResult = {
  format: 'dotline-exam',
  version: 1,
  examinees: ['small', 'large <b>'],
  results: ['small', 'large <b>'].map((examinee, i) => ({
    task: 'sums',
    title: { en: 'Sums', zh: '加法' },
    kind: 'generation',
    language: 'en',
    examinee,
    items: 100,
    figures: [
      figure({ value: 0.62 - i / 10 }),
      figure({ name: 'f1', main: false, value: Number.NaN, unit: 'score', chance: null }),
    ],
    groups: [
      { name: 'easy', figure: figure() },
      { name: 'hard', figure: figure({ value: 0.1 }) },
    ],
    tooLong: 3,
    fewerShots: 0,
    contaminated: 1,
    unmarked: [{ reason: 'needs JavaScript', items: 2 }],
    marks: [
      {
        item: 'i1',
        seed: 1,
        group: null,
        value: 0,
        said: '<script>alert(1)</script>',
        right: '2 & 3',
        contaminated: true,
      },
    ],
  })),
  comparisons: [
    { task: 'sums', figures: [figure({ name: 'difference', value: 0.1, unit: 'score', chance: 0 })], marks: [] },
  ],
  contamination: {
    documents: 7,
    checked: 100,
    tooShort: 4,
    found: [{ key: 'sums/i1', share: 0.5, origin: 'book, line 1' }],
  },
}

it('is one page that asks for nothing: value, interval, n and chance of each figure, in both languages', () => {
  const page = renderExam(result, new Date(0))
  for (const part of [
    '62.0 %',
    '52.0 % – 71.0 %',
    '25.0 %',
    '>100<',
    'Sums',
    '加法',
    '正确率',
    'first less second',
    '3 questions did not fit',
    'needs JavaScript',
    'sums/i1',
    'book, line 1',
  ])
    expect(page).toContain(part)
  expect(page.match(/class="chance"/g)?.length).toBeGreaterThan(2)
  expect(page).not.toMatch(/<script|src=|href=|@import|url\(|https?:/)
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('large &lt;b&gt;')
})

it('draws every dot within the chart', () => {
  const xs = [...renderExam(result, new Date(0)).matchAll(/class="dot" cx="([\d.-]+)"/g)].map(([, x]) => Number(x))
  expect(xs.length).toBeGreaterThan(4)
  for (const x of xs) expect(x >= 270 && x <= 740).toBe(true)
})

it('writes JSON and page into a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'exam-report-'))
  const { json, page } = writeExam(folder, result)
  expect(JSON.parse(readFileSync(json, 'utf8')).results).toHaveLength(2)
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/)
  rmSync(folder, { recursive: true })
})
