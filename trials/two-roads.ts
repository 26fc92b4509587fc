/**
 * `npm run trials -- two-roads`: an encoder that fills gaps (BERT's way) and a GPT, equal in shape, parameters and text,
 * fine-tuned on GLUE and FewCLUE, and the GPT merely asked in plain language. `--folder runs` (its run `instruct-base` gives
 * shape, tokenizer and text), `--steps 400`, `--examples 2000`, `--epochs 3`, `--replicas N`, `--tasks cola,sst2,…`,
 * `--limit N` items of each test, `--quick`. Nothing that is trained here is kept: the sets are for measuring alone.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figure } from '#exam/figures'
import { openLocalExaminee } from '#exam/local-examinee'
import { runExam } from '#exam/run'
import { readTask, type Task } from '#exam/task'
import { parameterCount } from '#model/config'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { fineTune } from '#train/fine-tuning'
import { Figures } from '#trials/figures'
import { type LineOptions, modelOf, runOf, runStage } from './instruct/line.ts'
import { type Pretrained, type PretrainingOptions, pretrain } from './roads/pretraining.ts'
import { figuresOf, type HeadTask, headTask, idsOf, labelled } from './roads/tasks.ts'

const recipes = fileURLToPath(new URL('../recipes/exam', import.meta.url))
const usual = 'cola,sst2,mrpc,rte,stsb,eprstmt,bustm,ocnli,cluewsc'

interface RoadOptions {
  epochs: number
  examples: number
  limit: number
  tasks: string[]
}

interface Road {
  name: string
  bothWays: boolean
  body: Pretrained
}

/** Fine-tunes a body on one task and tests it. */
async function walked(road: Road, task: HeadTask, options: PretrainingOptions, { epochs }: RoadOptions) {
  const { config, tokenizer, sequence, replicas } = options
  const tuned = await fineTune(
    task.train.map((item) => labelled(item, tokenizer)),
    {
      ...{ config, parameters: road.body.parameters, bothWays: road.bothWays, outputs: task.outputs },
      ...{ sequence: Math.min(sequence, 128), rows: 16, epochs, learningRate: 5e-4, seed: 1, replicas },
    },
  )
  try {
    return figuresOf(task, await tuned.predict(task.test.map((item) => idsOf(item, tokenizer))))
  } finally {
    await tuned.close()
  }
}

/** The GPT as it is, asked as `dotline exam` asks. */
async function asked(model: string, tasks: readonly Task[], limit: number): Promise<Map<string, Figure[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-roads-'))
  const examinee = await openLocalExaminee(model, { name: 'gpt', threads: 1 })
  try {
    const { results } = await runExam({ tasks, examinees: [examinee], folder, limit })
    return new Map(results.map(({ task, figures }) => [task, figures]))
  } finally {
    await examinee.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function record(figures: Figures, task: string, road: string, all: readonly Figure[]): void {
  const shown = (figure: Figure) =>
    `(95 %: ${figure.low.toFixed(3)} to ${figure.high.toFixed(3)}, n ${figure.n}, chance ${figure.chance?.toFixed(3) ?? 'none'})`
  const commonest = all.find(({ name }) => name === 'commonest-label')
  const beside = commonest ? `; the commonest label alone ${commonest.value.toFixed(3)}` : ''
  for (const figure of all)
    if (figure.main || figure.name === 'accuracy')
      figures.record(`roads.${task}.${figure.name}.${road}`, figure.value, `${shown(figure)}${beside}`)
}

async function compare(options: PretrainingOptions, roadOptions: RoadOptions, gpt: string, quick: boolean) {
  const figures = new Figures(
    `npm run trials -- two-roads --steps ${options.steps} --examples ${roadOptions.examples} --epochs ${roadOptions.epochs}${quick ? ' --quick' : ''}`,
  )
  figures.record('roads.parameters', parameterCount(options.config) / 1e6, 'M in each body')
  const [encoder, decoder] = [await pretrain('masked', options), await pretrain('language', options)]
  figures.record('roads.encoder.loss', encoder.loss, `nats a gap, after ${encoder.seconds.toFixed(0)} s`)
  figures.record('roads.gpt.loss', decoder.loss, `nats a token, after ${decoder.seconds.toFixed(0)} s`)
  const roads: Road[] = [
    { name: 'encoder', bothWays: true, body: encoder },
    { name: 'gpt', bothWays: false, body: decoder },
  ]
  const paths = roadOptions.tasks.map((name) => join(recipes, `${name}.json`))
  const here = paths.filter((path) => existsSync(resolve(recipes, [readTask(path).data].flat()[0])))
  if (here.length < paths.length)
    figures.note(`${paths.length - here.length} tasks are left out: their data is not here`)
  const plain = await asked(gpt, here.map(readTask), roadOptions.limit)
  for (const path of here) {
    const task = headTask(path, { train: roadOptions.examples, test: roadOptions.limit })
    for (const road of roads) record(figures, task.task.name, road.name, await walked(road, task, options, roadOptions))
    record(figures, task.task.name, 'gpt asked', plain.get(task.task.name) ?? [])
  }
  figures.finish()
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string', default: 'runs' },
      steps: { type: 'string', default: '400' },
      examples: { type: 'string', default: '2000' },
      epochs: { type: 'string', default: '3' },
      limit: { type: 'string', default: '100000' },
      tasks: { type: 'string', default: usual },
      replicas: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
    },
    allowPositionals: true,
    strict: false,
  })
  const runs = resolve(String(values.folder))
  const [quick, replicas] = [values.quick === true, Number(values.replicas)]
  const say = (line: string) => console.error(line)
  const options: LineOptions = { runs, quick, replicas, say }
  if (!(await runStage('pretrain', options))) return
  const gpt = modelOf(runs, 'pretrain')
  const { config } = await loadModel(gpt)
  const shape = quick ? { rows: 8, sequence: 64, microRows: 2 } : { rows: 16, sequence: 256, microRows: 2 }
  const data = join(runOf(runs, 'pretrain'), 'data')
  await compare(
    {
      ...{ config, tokenizer: await Tokenizer.open(gpt), data, ...shape },
      steps: Number(values.steps),
      rate: 0.004,
      replicas,
      say,
    },
    {
      epochs: Number(values.epochs),
      examples: Number(values.examples),
      limit: Number(values.limit),
      tasks: String(values.tasks).split(','),
    },
    gpt,
    quick,
  )
}
