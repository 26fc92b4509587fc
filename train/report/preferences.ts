/** What a report says of rankings: how often pairs are in the right order, and how far the margins can be believed. */
import type { EvaluationMetrics } from '../metrics.ts'
import { chart, type Line } from './chart.ts'
import { smoothed } from './curve.ts'
import type { RunFacts } from './facts.ts'
import { html, type Markup } from './markup.ts'
import { short, whole } from './numbers.ts'
import { columns } from './tables.ts'

const wide = { width: 810, height: 260 }
const narrow = { width: 392, height: 190 }
const percent = (value: number): string => `${short(Number((value * 100).toPrecision(3)))} %`

/** Accuracy on held-out pairs with the chance line, and what training pairs are scored. */
export function preferenceCurves({ steps, evaluations }: RunFacts, tokensPerStep: number): Markup {
  const drawn = (title: string, zh: string, lines: Line[], size: typeof wide, format?: (value: number) => string) =>
    html`<figure><h3>${title}<span lang="zh">${zh}</span></h3>${chart({ ...size, title, lines, tokensPerStep, format })}</figure>`
  const of = (name: 'chosen' | 'rejected' | 'margin' | 'accuracy', colour: number): Line => {
    const points = steps.flatMap(({ step, preference }) => (preference ? [{ x: step, y: preference[name] }] : []))
    return { name, colour, points: smoothed(points, Math.max(1, Math.min(50, Math.round(points.length / 40)))) }
  }
  return html`${drawn('Held-out pairs in the right order (chance is 50 %)', '验证集排序正确率（随机为 50 %）', heldOut(evaluations), wide, percent)}
<div class="pair">${drawn('Scores of better and worse answers', '较好与较差回答的得分', [of('chosen', 0), of('rejected', 1)], narrow)}
${drawn('Margin', '差距', [of('margin', 0)], narrow)}</div>`
}

function heldOut(evaluations: readonly EvaluationMetrics[]): Line[] {
  const names = [...new Set(evaluations.flatMap(({ preferences }) => Object.keys(preferences ?? {})))]
  const lines = names.map((name, i) => ({
    name,
    colour: i % 8,
    dots: evaluations.length <= 60,
    points: evaluations.flatMap(({ step, preferences }) =>
      preferences?.[name] ? [{ x: step, y: preferences[name].accuracy }] : [],
    ),
  }))
  const steps = evaluations.map(({ step }) => step)
  const chance = { name: 'chance', colour: 7, dashed: true, points: steps.map((x) => ({ x, y: 0.5 })) }
  return [...lines, chance]
}

/** The last scores of every source, with intervals and reliability. */
export function preferenceScores(evaluations: readonly EvaluationMetrics[]): Markup {
  const last = evaluations.at(-1)
  const all = Object.entries(last?.preferences ?? {})
  const rows = all.map(([name, score]) => [
    name,
    whole(score.prompts),
    whole(score.pairs),
    percent(score.accuracy),
    `${percent(score.low)} – ${percent(score.high)}`,
    score.loss.toFixed(3),
    score.ece.toFixed(3),
  ])
  const head = ['Source 来源', 'Prompts 提问', 'Pairs 对', 'Accuracy 正确率', '95 %', 'Loss 损失', 'ECE']
  return html`<p>On held-out prompts, at step ${whole(last?.step ?? 0)}. Chance is 50 % and a loss of 0.693; people who rank the same answers agree on about 72.6 % (Ouyang 2022).</p>
${columns(head, rows, { numbers: 1 })}
${all.map(([name, { reliability }]) => html`<h3>Reliability: ${name}<span lang="zh">校准</span></h3>${reliabilityTable(reliability)}`)}`
}

type Bins = NonNullable<EvaluationMetrics['preferences']>[string]['reliability']

/** Of pairs that the margin calls right with some probability, the share that is right: equal where it can be believed. */
function reliabilityTable(bins: Bins): Markup {
  const side = 180
  const at = (value: number) => Math.round((value - 0.5) * 2 * (side - 20) * 10) / 10 + 10
  const dots = bins.map(
    ({ confidence, accuracy, pairs }) =>
      html`<circle class="c0" cx="${at(confidence)}" cy="${side - at(Math.max(0.5, accuracy))}" r="3"><title>${percent(accuracy)} of ${whole(pairs)} pairs, expected ${percent(confidence)}</title></circle>`,
  )
  const rows = bins.map(({ confidence, accuracy, pairs }) => [percent(confidence), percent(accuracy), whole(pairs)])
  return html`<div class="pair"><svg class="chart" viewBox="0 0 ${side} ${side}" role="img" aria-label="Reliability">
<path class="faint c0" d="M10 ${side - 10}L${side - 10} 10"/>${dots}</svg>
${columns(['Expected 预期', 'Right 实际', 'Pairs 对'], rows, { numbers: 0 })}</div>`
}
