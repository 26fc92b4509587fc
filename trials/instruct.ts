/**
 * `npm run trials -- instruct`: the line of InstructGPT as recipes/instruct has it, run where it is not done yet, and judged
 * on held-out prompts by the generator's rules. `--folder runs`, `--prompts 500`, `--seeds 3`, `--stages pretrain,sft,…`,
 * `--replicas N`, `--quick` (a model of a few thousand parameters: whether it works, not what it is worth). Ctrl-C and a
 * second call go on where it stopped. Writes instruct.json and instruct.html into the folder.
 */
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { writeChartPage } from '#train/chart-page'
import { Figures } from '#trials/figures'
import { type Judged, type JudgingOptions, judgeLine } from './instruct/judging.ts'
import { type StageName, stages } from './instruct/line.ts'
import { lineCommand, runStages } from './instruct/line-command.ts'
import { lineOf, pageOf } from './instruct/page.ts'

function record(judged: Judged, figures: Figures): void {
  const { parameters, reward, verdicts, forgetting: forgotten } = judged
  figures.record('instruct.parameters', parameters / 1e6, 'M')
  for (const { source, accuracy, low, high, pairs, prompts, ece } of reward)
    figures.record(
      `instruct.reward.${source}.accuracy`,
      100 * accuracy,
      `% (95 %: ${percent(low)} to ${percent(high)}; ${pairs} held-out pairs of ${prompts} prompts, ECE ${ece.toFixed(3)}, chance 50${source === 'rules' ? '' : ', people agree in 72.6'})`,
      source === 'rules' ? { op: '>', value: 90 } : undefined,
    )
  for (const verdict of verdicts) {
    const goal = verdict.name === 'ppo-ptx' && verdict.temperature === 1
    const at = verdict.temperature === 0 ? 'greedy' : `temperature ${verdict.temperature}`
    figures.record(
      `instruct.${verdict.name}.right, ${at}`,
      100 * verdict.right,
      `% of ${verdict.prompts} (95 %: ${percent(verdict.rightLow)} to ${percent(verdict.rightHigh)})`,
    )
    if (verdict.name === verdict.against) continue
    const name = `instruct.${verdict.name}.wins against ${verdict.against}, ${at}`
    figures.record(name, 100 * verdict.rate, lineOf(verdict), goal ? { op: '>=', value: 70 } : undefined)
    if (goal) figures.record(`${name}, low end`, 100 * verdict.low, '%', { op: '>', value: 50 })
  }
  for (const { name, bitsPerByte, sinceSft, sinceBase } of forgotten)
    figures.record(
      `instruct.${name}.forgotten since sft`,
      100 * sinceSft.share,
      `% (95 %: ${percent(sinceSft.low)} to ${percent(sinceSft.high)}; ${bitsPerByte.toFixed(3)} bits per byte, ${percent(sinceBase.share)} % since the base model)`,
      name === 'ppo-ptx' ? { op: '<', value: 3 } : undefined,
    )
}

const percent = (share: number): string => (100 * share).toFixed(1)

export async function main(args: string[]): Promise<void> {
  const { options: line, own } = lineCommand(args, { prompts: '500', seeds: '3', stages: stages.join() })
  const { runs } = line
  const options: JudgingOptions = { ...line, prompts: Number(own.prompts), seeds: Number(own.seeds) }
  if (!(await runStages(own.stages.split(',') as StageName[], options))) return
  const judged = await judgeLine(options)
  writeDurably(join(runs, 'instruct.json'), `${JSON.stringify(judged, null, 1)}\n`)
  writeChartPage(join(runs, 'instruct.html'), pageOf(judged, runs))
  const figures = new Figures(
    `npm run trials -- instruct --prompts ${options.prompts}${options.quick ? ' --quick' : ''}`,
  )
  record(judged, figures)
  figures.finish()
}
