import { type ChartOptions, chart, type Line } from './chart.ts'
import { type Point, smoothed } from './curve.ts'
import type { RunFacts } from './facts.ts'
import { flightCurves } from './flights.ts'
import { html, type Markup } from './markup.ts'
import { compact, short, whole } from './numbers.ts'
import { preferenceCurves } from './preferences.ts'
import { retrievalCurves } from './retrieval.ts'

const wide = { width: 810, height: 260 }
const narrow = { width: 392, height: 190 }

/** The five curves of a run. */
export function curves(facts: RunFacts): Markup {
  const { steps, run } = facts
  const tokensPerStep = run.rows * run.sequence
  const span = Math.max(1, Math.min(50, Math.round(steps.length / 40)))
  const of = (value: (step: (typeof steps)[number]) => number): Point[] =>
    steps.map((step) => ({ x: step.step, y: value(step) }))
  const smooth = (points: Point[]): Line[] => [
    ...(span > 1 ? [{ name: 'each step', points, colour: 0, faint: true }] : []),
    { name: 'smoothed', points: smoothed(points, span), colour: 0 },
  ]
  const drawn = (title: string, zh: string, options: Omit<ChartOptions, 'title' | 'tokensPerStep'>) =>
    html`<figure><h3>${title}<span lang="zh">${zh}</span></h3>${chart({ ...options, title, tokensPerStep })}</figure>`
  const note = span > 1 ? `, mean of about ${span} steps` : ''
  const rankings = steps.some(({ preference }) => preference)
  const retrieval = run.embedding !== undefined
  const per = rankings || retrieval ? 'pair' : 'token'
  const flights = flightCurves(facts, tokensPerStep)
  return html`${flights}${flights ? null : drawn(`Training loss, nats per ${per}${note}`, '训练损失', { ...wide, lines: smooth(of((s) => s.loss)) })}
${flights ? null : rankings ? preferenceCurves(facts, tokensPerStep) : retrieval ? retrievalCurves(facts, tokensPerStep) : validation(facts, tokensPerStep)}
<div class="pair">${drawn('Gradient norm', '梯度范数', { ...narrow, lines: smooth(of((s) => s.gradientNorm)), logarithmic: true })}
${drawn('Learning rate', '学习率', { ...narrow, lines: [{ name: 'rate', points: of((s) => s.learningRate), colour: 0 }], fromZero: true })}
${drawn('Tokens per second', '每秒词元', { ...narrow, lines: smooth(of((s) => s.tokensPerSecond)), fromZero: true, format: compact })}
${drawn('Share of the machine’s peak', '算力利用率', { ...narrow, lines: smooth(of((s) => s.utilisation)), fromZero: true, format: percent })}</div>${overPeak(steps.map(({ utilisation }) => utilisation))}`
}

/** Nothing computes faster than the peak: where steps seem to, the peak itself was measured too low, which is said rather than hidden. */
function overPeak(shares: readonly number[]): Markup | null {
  const over = shares.filter((share) => share > 1).length
  if (over === 0) return null
  return html`<p class="doubt">${whole(over)} of ${whole(shares.length)} steps come out above 100 % of the peak: it was measured while the machine was busy, so all these shares are too high. <span lang="zh">${whole(over)} 步超过 100 %：峰值是在机器繁忙时测得的，偏低，因此图中的利用率偏高。</span></p>`
}

const percent = (value: number): string => `${short(Number((value * 100).toPrecision(3)))} %`

/** Bits per byte of held-out text, a line for each source; the key lists them with their last value, the topmost first. */
function validation({ evaluations }: RunFacts, tokensPerStep: number): Markup {
  const names = [...new Set(evaluations.flatMap(({ scores }) => Object.keys(scores)))]
  const lines = names.map((name, i) => ({
    name,
    colour: i % 8,
    dashed: i >= 8,
    dots: evaluations.length <= 60,
    points: evaluations
      .filter(({ scores }) => Object.hasOwn(scores, name))
      .map(({ step, scores }) => ({ x: step, y: scores[name].bitsPerByte })),
  }))
  const title = 'Held-out text, bits per byte'
  const key = [...lines].sort((a, b) => (b.points.at(-1)?.y ?? 0) - (a.points.at(-1)?.y ?? 0))
  return html`<figure><h3>${title}<span lang="zh">验证集，每字节比特数</span></h3>${chart({ ...wide, title, lines, tokensPerStep })}
<ul class="key">${key.map(
    ({ name, colour, dashed, points }) =>
      html`<li class="c${colour}${dashed ? ' dashed' : ''}">${name} <b>${(points.at(-1)?.y ?? Number.NaN).toFixed(3)}</b></li>`,
  )}</ul></figure>`
}
