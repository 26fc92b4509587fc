/**
 * `npm run trials -- headline`: InstructGPT's headline at our scale. The aligned small model of `npm run trials -- instruct`
 * against a base model of eight times its parameters that was trained on the same text, which is asked plainly and with two
 * worked examples; judged by the generator's rules. `--folder runs`, `--prompts 500`, `--seeds 3`, `--replicas N`, `--quick`.
 */
import { ruledPrompts } from '#data/prompts'
import { parameterCount } from '#model/config'
import { loadModel } from '#model/weights'
import { Figures } from '#trials/figures'
import { promptSeed } from './instruct/judging.ts'
import { modelOf } from './instruct/line.ts'
import { lineCommand, runStages } from './instruct/line-command.ts'
import { lineOf } from './instruct/page.ts'
import { plainly } from './instruct/plainly.ts'
import { type Contestant, marksOf, verdictOf } from './instruct/verdict.ts'

export async function main(args: string[]): Promise<void> {
  const { options, own } = lineCommand(args, { prompts: '500', seeds: '3' })
  if (!(await runStages(['pretrain', 'sft', 'sft-2', 'compare', 'reward', 'ppo-ptx', 'pretrain-8'], options))) return
  await judge(options.runs, Number(own.prompts), Number(own.seeds))
}

const sizeOf = async (folder: string) => parameterCount((await loadModel(folder)).config)

async function judge(runs: string, count: number, seeds: number): Promise<void> {
  const figures = new Figures(`npm run trials -- headline --prompts ${count}`)
  const small = modelOf(runs, 'ppo-ptx')
  const large = modelOf(runs, 'pretrain-8')
  const [aligned, base] = [await sizeOf(small), await sizeOf(large)]
  figures.record('headline.aligned', aligned / 1e6, 'M parameters')
  figures.record('headline.base', base / 1e6, 'M parameters')
  figures.record('headline.ratio', base / aligned, 'times', { op: '>=', value: 8 })
  const prompts = [...ruledPrompts({ seed: promptSeed, count, split: 'heldout' })]
  const contestants: Contestant[] = [
    { name: 'aligned', folder: small },
    { name: 'base asked plainly', folder: large, plainly: plainly(0) },
    { name: 'base with two examples', folder: large, plainly: plainly(2) },
  ]
  for (const temperature of [1, 0]) {
    const sampling = { temperature, seeds: Array.from({ length: temperature === 0 ? 1 : seeds }, (_, i) => i + 1) }
    const marks = []
    for (const contestant of contestants) marks.push(await marksOf(contestant, prompts, sampling))
    const at = temperature === 0 ? 'greedy' : `temperature ${temperature}`
    for (const other of marks.slice(1)) {
      const verdict = verdictOf(marks[0], other)
      figures.record(`headline.aligned against ${other.name}, ${at}`, 100 * verdict.rate, lineOf(verdict))
      figures.record(`headline.low end against ${other.name}, ${at}`, 100 * verdict.low, '%', { op: '>', value: 50 })
      const { right, rightLow, rightHigh } = verdictOf(other, marks[0])
      figures.note(
        `${other.name}, ${at}: ${(100 * right).toFixed(1)} % right (${(100 * rightLow).toFixed(1)} to ${(100 * rightHigh).toFixed(1)})`,
      )
    }
  }
  figures.finish()
}
