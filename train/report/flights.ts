/** What a report shows of a policy that learned from its own answers: the flight recorder's curves, with its marks. */
import type { StepMetrics } from '../metrics.ts'
import { chart, type Line } from './chart.ts'
import { smoothed } from './curve.ts'
import type { RunFacts } from './facts.ts'
import { html, type Markup } from './markup.ts'
import { short, whole } from './numbers.ts'
import { columns } from './tables.ts'

const wide = { width: 810, height: 260 }
const narrow = { width: 392, height: 190 }
const percent = (value: number): string => `${short(Number((value * 100).toPrecision(3)))} %`

type Flight = NonNullable<StepMetrics['flight']>
type Field = Exclude<keyof Flight, 'mark' | 'stoppedByKl'>

/** Curves of a policy's run; null where it is none. */
export function flightCurves({ steps, evaluations }: RunFacts, tokensPerStep: number): Markup | null {
  const flights = steps.flatMap(({ flight }) => (flight ? [flight] : []))
  if (flights.length === 0) return null
  const span = Math.max(1, Math.min(50, Math.round(flights.length / 40)))
  const line = (field: Field, name: string, colour = 0): Line => ({
    name,
    colour,
    points: smoothed(
      flights.map((one) => ({ x: one.step, y: one[field] })),
      span,
    ),
  })
  const held = (
    name: string,
    colour: number,
    value: (of: NonNullable<(typeof evaluations)[number]['answers']>) => number | null,
  ): Line => ({
    name,
    colour,
    dots: true,
    points: evaluations.flatMap(({ step, answers }) => {
      const y = answers ? value(answers) : null
      return y === null ? [] : [{ x: step, y }]
    }),
  })
  const drawn = (title: string, zh: string, lines: Line[], size = narrow, format?: (value: number) => string) =>
    html`<figure><h3>${title}<span lang="zh">${zh}</span></h3>${chart({ ...size, title, lines, tokensPerStep, format })}</figure>`
  return html`${drawn('Reward, and the exam on held-out prompts', '奖励与留出题成绩', [line('reward', 'reward'), held('held-out reward', 1, (a) => a.reward), held('right by the rules', 2, (a) => a.exam)], wide)}
<div class="pair">${drawn('KL from the starting policy, nats a token', '与起点的 KL', [line('kl', 'KL')])}
${drawn('Entropy, nats a token', '熵', [line('entropy', 'entropy')])}
${drawn('Tokens of an answer', '回答长度', [line('length', 'tokens')])}
${drawn('Clip fraction', '截断比例', [line('clipFraction', 'clipped')], narrow, percent)}
${drawn('Explained variance of the value model', '价值模型解释方差', [line('explainedVariance', 'explained')])}
${drawn('Repetition', '重复率', [line('repetition', 'repeated')], narrow, percent)}</div>
${marks(flights, evaluations)}`
}

/** What the recorder marked, or that it marked nothing. */
function marks(flights: readonly Flight[], evaluations: RunFacts['evaluations']): Markup {
  const all = [...flights, ...evaluations.flatMap(({ answers }) => (answers ? [answers] : []))].flatMap(({ mark }) =>
    mark ? [mark] : [],
  )
  if (all.length === 0)
    return html`<p>The flight recorder marked nothing. <span lang="zh">飞行记录仪没有发现异常。</span></p>`
  return html`<h3>Marks of the flight recorder<span lang="zh">飞行记录仪的标记</span></h3>
${columns(
  ['Step 步', 'What 异常', 'Why 原因'],
  all.map(({ step, kind, reason }) => [whole(step), kind, reason]),
  { numbers: 3 },
)}`
}

/** What held-out prompts were answered with, examination by examination. */
export function answerScores(evaluations: RunFacts['evaluations']): Markup {
  const rows = evaluations.flatMap(({ step, answers }) =>
    answers
      ? [
          [
            whole(step),
            whole(answers.prompts),
            answers.reward.toFixed(3),
            answers.exam === null ? '–' : percent(answers.exam),
            answers.kl.toFixed(3),
            answers.length.toFixed(1),
          ],
        ]
      : [],
  )
  const head = ['Step 步', 'Prompts 题', 'Reward 奖励', 'Right by the rules 按规则正确', 'KL', 'Tokens 长度']
  return html`<p>Held-out prompts, answered with the same seeds each time; the rules are not what a reward model says.</p>
${columns(head, rows, { numbers: 0 })}`
}
