/** What a report says of an embedding model: how often it finds the passage that stands beside another one. */
import type { EvaluationMetrics } from '../metrics.ts'
import { chart, type Line } from './chart.ts'
import { smoothed } from './curve.ts'
import type { RunFacts } from './facts.ts'
import { html, type Markup } from './markup.ts'
import { short, whole } from './numbers.ts'
import { columns } from './tables.ts'

const wide = { width: 810, height: 260 }
const percent = (value: number): string => `${short(Number((value * 100).toPrecision(3)))} %`

/** Recall on held-out passages, and the share of training pairs that are told from the others of their batch. */
export function retrievalCurves({ steps, evaluations }: RunFacts, tokensPerStep: number): Markup {
  const drawn = (title: string, zh: string, lines: Line[]) =>
    html`<figure><h3>${title}<span lang="zh">${zh}</span></h3>${chart({ ...wide, title, lines, tokensPerStep, format: percent })}</figure>`
  const names = [...new Set(evaluations.flatMap(({ retrieval }) => Object.keys(retrieval ?? {})))]
  const lines = names.map((name, i) => ({
    name,
    colour: i % 8,
    dots: evaluations.length <= 60,
    points: evaluations.flatMap(({ step, retrieval }) =>
      retrieval?.[name] ? [{ x: step, y: retrieval[name].at10 }] : [],
    ),
  }))
  const told = steps.flatMap(({ step, told }) => (told === undefined ? [] : [{ x: step, y: told }]))
  const points = smoothed(told, Math.max(1, Math.min(50, Math.round(told.length / 40))))
  return html`${drawn('Held-out neighbours among the first ten', '留出相邻段落进入前十', lines)}
${drawn('Training pairs told from the others of their batch', '训练配对在批内被认出', [{ name: 'told', colour: 0, points }])}`
}

/** The last scores of every source. */
export function retrievalScores(evaluations: readonly EvaluationMetrics[]): Markup {
  const last = evaluations.at(-1)
  const rows = Object.entries(last?.retrieval ?? {}).map(([name, score]) => [
    name,
    whole(score.pairs),
    percent(score.at1),
    percent(score.at10),
    percent(score.shortest.at10),
  ])
  const cut = Object.values(last?.retrieval ?? {})[0]?.shortest.dimensions ?? 0
  const head = ['Source 来源', 'Passages 段落', 'First 第一', 'First ten 前十', `First ten, ${cut} numbers 前十`]
  return html`<p>The passage beside each of so many held-out ones, looked for among all of their source, at step ${whole(last?.step ?? 0)}.</p>
${columns(head, rows, { numbers: 1 })}`
}
