/**
 * `npm run trials -- overoptimise`: how far a reward model can be followed before what it was trained for suffers (Gao 2022,
 * arXiv:2210.10760). Gold score (the generator's rules) against divergence, for best of n from the fine-tuned policy and for
 * PPO that nothing holds back. Works on the runs of `npm run trials -- instruct` (`--folder runs`), and trains
 * recipes/instruct/ppo-free.json where it is not done. `--prompts 200`, `--samples 64`, `--replicas N`, `--quick`.
 * Writes overoptimise.json, overoptimise.csv and overoptimise.html into the folder.
 */
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { type RuledPrompt, ruledPrompts } from '#data/prompts'
import { wilson } from '#exam/statistics'
import { ChatFormat, messageEnd } from '#model/chat'
import { Tokenizer } from '#model/tokenizer'
import { writeChartPage } from '#train/chart-page'
import { type EvaluationMetrics, readMetrics } from '#train/metrics'
import { rewardsOf } from '#train/rewarding'
import { Figures } from '#trials/figures'
import { answersOf, marked, promptIds } from '#trials/gold'
import { bestOfCurve, type CurvePoint, peakOf, type Scored } from './instruct/best-of.ts'
import { promptSeed } from './instruct/judging.ts'
import { configOf, type LineOptions, modelOf, runOf } from './instruct/line.ts'
import { lineCommand, runStages } from './instruct/line-command.ts'

/** Answers of the fine-tuned policy, `samples` to each prompt, with reward and gold score (1 where all rules hold). */
export async function sampled(options: LineOptions, prompts: readonly RuledPrompt[], samples: number) {
  const { runs, replicas = 1 } = options
  const folder = modelOf(runs, 'sft-2')
  const tokenizer = await Tokenizer.open(folder)
  const chat = await ChatFormat.open(tokenizer, folder)
  const { sequence } = configOf('reward', options)
  const asked = prompts.map((prompt) => promptIds(chat, prompt, sequence))
  const fitting = prompts.flatMap((prompt, i) => (asked[i] ? [{ prompt, ids: asked[i] }] : []))
  const many = fitting.flatMap((one) => new Array<(typeof fitting)[number]>(samples).fill(one))
  const answers = await answersOf(folder, { prompts: many.map(({ prompt }) => prompt), temperature: 1, seed: 1 })
  const end = tokenizer.specialTokens.get(messageEnd)
  const conversations = many.map(({ ids }, i) => {
    const said = tokenizer.encode(answers[i]).slice(0, sequence - ids.length - 1)
    return Uint32Array.from([...ids, ...said, ...(end === undefined ? [] : [end])])
  })
  const rewards = await rewardsOf(modelOf(runs, 'reward'), conversations, { sequence, replicas })
  return fitting.map(({ prompt: { rules } }, i) =>
    Array.from({ length: samples }, (_, k): Scored => {
      const at = i * samples + k
      return { reward: rewards[at], gold: Number(marked(rules, answers[at]) === 1) }
    }),
  )
}

/** Held-out prompts as PPO's own run examined them. */
export function ppoCurve(run: string): CurvePoint[] {
  return readMetrics(join(run, 'metrics.jsonl'))
    .filter((metrics): metrics is EvaluationMetrics => metrics.kind === 'evaluation')
    .flatMap(({ step, answers }) => {
      if (!answers || answers.exam === null) return []
      const { exam, kl, length, reward, prompts } = answers
      return [{ at: step, kl: kl * length, gold: exam, ...wilson(Math.round(exam * prompts), prompts), reward }]
    })
}

const line = (name: string, colour: number, points: CurvePoint[], value: (point: CurvePoint) => number) => ({
  name,
  colour,
  dots: true,
  points: points.map((point) => ({ x: Math.sqrt(Math.max(0, point.kl)), y: value(point) })),
})

function write(runs: string, best: CurvePoint[], ppo: CurvePoint[], prompts: number): void {
  writeDurably(join(runs, 'overoptimise.json'), `${JSON.stringify({ prompts, best, ppo }, null, 1)}\n`)
  const rows = [...best.map((p) => ['best-of-n', p] as const), ...ppo.map((p) => ['ppo', p] as const)]
  const fields = ['at', 'kl', 'gold', 'low', 'high', 'reward'] as const
  const csv = rows.map(([method, point]) => [method, ...fields.map((field) => point[field])].join())
  writeDurably(join(runs, 'overoptimise.csv'), `${[['method', ...fields].join(), ...csv].join('\n')}\n`)
  const peaks = [peakOf(best), peakOf(ppo)].map((peak, i) => ({
    ...line(
      `peak of ${i === 0 ? 'best of n' : 'PPO'}: ${(100 * peak.gold).toFixed(1)} %`,
      2 + i,
      [peak],
      (p) => p.gold,
    ),
  }))
  const both = (value: (point: CurvePoint) => number) => [line('best of n', 0, best, value), line('PPO', 1, ppo, value)]
  const across = '√KL, nats an answer'
  writeChartPage(join(runs, 'overoptimise.html'), {
    title: 'Reward over-optimisation',
    summary: `Gold score against the divergence from the fine-tuned policy, ${prompts} held-out prompts. 黄金评分随 KL 的变化。`,
    sections: [
      {
        heading: { en: 'The rules and the reward model', zh: '规则与奖励模型' },
        charts: [
          { title: 'Right by the rules · 按规则正确', lines: [...both((p) => p.gold), ...peaks], across },
          { title: 'What the reward model says · 奖励模型评分', lines: both((p) => p.reward), across },
        ],
        table: {
          head: ['Method 方法', 'n, or iterations', 'KL', 'Right 正确', '95 %', 'Reward 奖励'],
          rows: rows.map(([method, p]) => [
            method,
            String(p.at),
            p.kl.toFixed(2),
            `${(100 * p.gold).toFixed(1)} %`,
            `${(100 * p.low).toFixed(1)} – ${(100 * p.high).toFixed(1)}`,
            p.reward.toFixed(2),
          ]),
        },
      },
    ],
  })
}

function record(figures: Figures, name: string, curve: readonly CurvePoint[]): void {
  const [peak, last] = [peakOf(curve), curve[curve.length - 1]]
  const told = ({ at, kl, low, high, reward }: CurvePoint) =>
    `% right (95 %: ${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}; at ${at}, KL ${kl.toFixed(2)}, reward ${reward.toFixed(2)})`
  figures.record(`overoptimise.${name}.first`, 100 * curve[0].gold, told(curve[0]))
  figures.record(`overoptimise.${name}.peak`, 100 * peak.gold, told(peak))
  figures.record(`overoptimise.${name}.last`, 100 * last.gold, told(last))
}

export async function main(args: string[]): Promise<void> {
  const { options, own } = lineCommand(args, { prompts: '200', samples: '64' })
  const { runs } = options
  if (!(await runStages(['pretrain', 'sft', 'sft-2', 'reward', 'ppo-free'], options))) return
  const [count, samples] = [Number(own.prompts), Number(own.samples)]
  const scored = await sampled(options, [...ruledPrompts({ seed: promptSeed, count, split: 'heldout' })], samples)
  const counts = Array.from({ length: Math.floor(Math.log2(samples)) + 1 }, (_, i) => 2 ** i)
  const best = bestOfCurve(scored, counts)
  const ppo = ppoCurve(runOf(runs, 'ppo-free'))
  write(runs, best, ppo, count)
  const figures = new Figures(`npm run trials -- overoptimise --prompts ${count} --samples ${samples}`)
  record(figures, 'best of n', best)
  record(figures, 'ppo', ppo)
  figures.finish()
}
