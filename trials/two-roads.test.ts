import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Tokenizer } from '#model/tokenizer'
import { loadModel } from '#model/weights'
import { fineTune } from '#train/fine-tuning'
import { modelOf, runOf, runStage } from './instruct/line.ts'
import { pretrain } from './roads/pretraining.ts'
import { figuresOf, headTask, idsOf, labelled } from './roads/tasks.ts'

let place: string
const said: string[] = []

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-roads-'))
  await runStage('pretrain', { runs: place, quick: true, replicas: 1, say: (line) => said.push(line) })
  const rows = (count: number) =>
    Array.from({ length: count }, (_, i) => `${i % 2 === 0 ? 'the dull day' : 'a fine day'} number ${i}\t${i % 2}`)
  for (const [part, count] of [
    ['train', 48],
    ['dev', 10],
  ] as const)
    writeFileSync(join(place, `tiny-${part}.tsv`), ['sentence\tlabel', ...rows(count)].join('\n'))
  const labels = { 0: 'bad', 1: 'good' }
  const task = {
    name: 'tiny',
    kind: 'classification',
    format: 'glue-sst2',
    data: 'tiny-dev.tsv',
    labels,
    prompt: '{sentence}',
  }
  writeFileSync(join(place, 'tiny.json'), JSON.stringify(task))
}, 120_000)
afterAll(() => rmSync(place, { recursive: true, force: true }))

test('both roads: a body on text, a head on a task, and figures with chance lines', async () => {
  const folder = modelOf(place, 'pretrain')
  const { config } = await loadModel(folder)
  const tokenizer = await Tokenizer.open(folder)
  const data = join(runOf(place, 'pretrain'), 'data')
  const common = { config, tokenizer, data, rows: 4, sequence: 64, microRows: 2, steps: 4, rate: 0.004, replicas: 1 }
  const task = headTask(join(place, 'tiny.json'), { train: 40, test: 10 })
  expect([task.outputs, task.train.length, task.test.length]).toEqual([2, 40, 10])
  const ids = task.test.map((item) => idsOf(item, tokenizer))
  for (const [kind, bothWays] of [
    ['masked', true],
    ['language', false],
  ] as const) {
    const body = await pretrain(kind, { ...common, say: (line) => said.push(line) })
    expect(body.loss).toBeGreaterThan(2)
    expect(body.loss).toBeLessThan(8)
    const examples = task.train.map((item) => labelled(item, tokenizer))
    const head = { config, parameters: body.parameters, bothWays, outputs: 2, sequence: 32, rows: 8 }
    const tuned = await fineTune(examples, { ...head, epochs: 6, learningRate: 0.01, seed: 1, replicas: 1 })
    const figures = figuresOf(task, await tuned.predict(ids))
    await tuned.close()
    const accuracy = figures.find(({ name }) => name === 'accuracy')
    expect(accuracy).toMatchObject({ n: 10, chance: 0.5 })
    expect(accuracy?.value).toBeGreaterThanOrEqual(0.9)
  }
}, 120_000)
