/** What the line of InstructGPT came to, as a page. */
import { join } from 'node:path'
import type { ChartPage, PageSection } from '#train/chart-page'
import { type EvaluationMetrics, readMetrics } from '#train/metrics'
import type { Judged } from './judging.ts'
import { runOf, type StageName } from './line.ts'
import type { Verdict } from './verdict.ts'

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** A verdict in words, behind its rate. */
export function lineOf({ low, high, bySeed, wins, ties, losses, decided }: Verdict): string {
  const seeds = bySeed.length > 1 ? `; seeds ${bySeed.map((rate) => (100 * rate).toFixed(1)).join(', ')}` : ''
  return `% with ties as halves (95 %: ${percent(low)} to ${percent(high)}, chance 50${seeds}; wins ${wins}, ties ${ties}, losses ${losses}; of decided ${percent(decided.share)})`
}

export function pageOf(judged: Judged, runs: string): ChartPage {
  return {
    title: 'The line of InstructGPT',
    summary: `${(judged.parameters / 1e6).toFixed(2)} M parameters. The judge is the generator's rules; no reward model has a say in it. 由规则评判，奖励模型不参与。`,
    sections: [winning(judged), rewards(judged), forgetting(judged), courses(runs), samples(judged)],
  }
}

const winning = ({ verdicts }: Judged): PageSection => ({
  heading: { en: 'Against the fine-tuned model', zh: '与监督微调相比' },
  table: {
    head: [
      'Model 模型',
      'Temperature 温度',
      'Right 正确',
      '95 %',
      'Wins + ½ ties 胜率',
      '95 %',
      'Of decided 分出胜负者',
    ],
    rows: verdicts.map((v) => [
      v.name,
      String(v.temperature),
      percent(v.right),
      `${percent(v.rightLow)} – ${percent(v.rightHigh)}`,
      v.name === v.against ? '–' : percent(v.rate),
      v.name === v.against ? '–' : `${percent(v.low)} – ${percent(v.high)}`,
      v.name === v.against ? '–' : percent(v.decided.share),
    ]),
  },
})

const rewards = ({ reward }: Judged): PageSection => ({
  heading: { en: 'The reward model on held-out pairs', zh: '奖励模型（留出对）' },
  paragraphs: [
    'Chance is 50 %; people agree with each other in 72.6 % (Ouyang 2022). 随机为 50 %，人与人一致率 72.6 %。',
  ],
  table: {
    head: ['Source 来源', 'Accuracy 准确率', '95 %', 'Pairs 对', 'ECE'],
    rows: reward.map(({ source, accuracy, low, high, pairs, ece }) => [
      source,
      percent(accuracy),
      `${percent(low)} – ${percent(high)}`,
      String(pairs),
      ece.toFixed(3),
    ]),
  },
})

const forgetting = ({ forgetting: rows }: Judged): PageSection => ({
  heading: { en: 'Held-out pre-training text', zh: '预训练留出文本' },
  table: {
    head: ['Model 模型', 'Bits per byte', 'Since SFT 较微调', '95 %', 'Since the base 较基座'],
    rows: rows.map(({ name, bitsPerByte, sinceSft, sinceBase }) => [
      name,
      bitsPerByte.toFixed(3),
      percent(sinceSft.share),
      `${percent(sinceSft.low)} – ${percent(sinceSft.high)}`,
      percent(sinceBase.share),
    ]),
  },
})

/** The policies' held-out prompts while they learned. */
function courses(runs: string): PageSection {
  const names: StageName[] = ['ppo-ptx', 'ppo', 'grpo', 'best-of-n']
  const all = names.map((name) => ({ name, examinations: examinationsOf(join(runOf(runs, name), 'metrics.jsonl')) }))
  const lines = (value: (of: NonNullable<EvaluationMetrics['answers']>) => number | null) =>
    all.map(({ name, examinations }, colour) => ({
      name,
      colour,
      dots: true,
      points: examinations.flatMap(({ step, answers }) => {
        const y = answers ? value(answers) : null
        return y === null ? [] : [{ x: step, y }]
      }),
    }))
  return {
    heading: { en: 'While they learned', zh: '学习过程' },
    charts: [
      {
        title: 'Right by the rules, share of held-out prompts · 按规则正确',
        lines: lines((a) => a.exam),
        across: 'iterations',
      },
      { title: 'KL from the starting policy, nats a token · KL', lines: lines((a) => a.kl), across: 'iterations' },
    ],
  }
}

const examinationsOf = (path: string): EvaluationMetrics[] =>
  readMetrics(path).filter((metrics): metrics is EvaluationMetrics => metrics.kind === 'evaluation')

const samples = ({ samples: rows }: Judged): PageSection => ({
  heading: { en: 'Answers, drawn at temperature 1', zh: '回答样例' },
  table: {
    head: ['Asked 问', ...(rows[0]?.answers.map(({ name }) => name) ?? [])],
    rows: rows.map(({ prompt, answers }) => [
      prompt.messages
        .map(({ role, content }) => `${role}: ${content}`)
        .join(' ')
        .slice(-160),
      ...answers.map(({ answer, mark }) => `${mark === 1 ? '✓' : '✗'} ${answer.slice(0, 120)}`),
    ]),
  },
})
