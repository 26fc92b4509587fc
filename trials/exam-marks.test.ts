import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Examinee } from '#exam/examinee'
import { openHttpExaminee } from '#exam/http-examinee'
import { openLocalExaminee } from '#exam/local-examinee'
import { runExam } from '#exam/run'
import { parseTask, type Task } from '#exam/task'
import { root, type ServedCommand, serveCommand } from '#trials/served/command'

/** The same model in this process and behind our own server, started as a user starts it, gets the same marks. */

const starter = join(root, 'starter')
const folder = mkdtempSync(join(tmpdir(), 'exam-marks-'))
let served: ServedCommand
const examinees: Examinee[] = []

beforeAll(async () => {
  if (!existsSync(starter)) return
  served = await serveCommand({ args: ['--port', '0', '--no-page', '--model', starter] })
  await served.ready
  examinees.push(
    await openLocalExaminee(starter, { name: 'here', threads: 1 }),
    await openHttpExaminee({ url: `${served.url}/v1`, fetch }),
  )
}, 120_000)
afterAll(async () => {
  for (const examinee of examinees) await examinee.close()
  await served?.end('SIGTERM')
  rmSync(folder, { recursive: true })
}, 60_000)

const choices = [
  { question: 'What colour is the sky on a clear day?', options: ['blue', 'green', 'a loud noise'], right: [0] },
  { question: 'Which of these is an animal?', options: ['stone', 'dog', 'tea'], right: [1] },
  { question: '天空是什么颜色？😀', options: ['蓝色', '绿色的石头', '昨天'], right: [0] },
  { question: 'He said “naïve”: which word was it?', options: ['naïve', 'native', 'nave'], right: [0] },
]
const asks = [
  { question: 'Who are you?', answers: ['Dotline'] },
  { question: '你是谁？', answers: ['点线'] },
  { question: 'What is 12 + 30?', answers: ['42'] },
  { question: 'Please write a sentence about rain.', answers: ['rain'] },
]
const texts = [
  { question: 'It was a bright cold day in April, and the clocks were striking thirteen, as they always did.' },
  { question: '知人者智，自知者明。胜人者有力，自胜者强。知足者富，强行者有志。' },
]

function taskOf(name: string, kind: Task['kind'], items: object[], more: object = {}): Task {
  const lines = items.map((item, i) => JSON.stringify({ id: String(i), ...item }))
  writeFileSync(join(folder, `${name}.jsonl`), lines.join('\n'))
  return parseTask({ name, kind, data: `${name}.jsonl`, ...more }, folder, name)
}

it.skipIf(!existsSync(starter))(
  'in every way of asking, to the item',
  async () => {
    const tasks = [
      taskOf('letters', 'choice', choices, { style: 'letter' }),
      taskOf('texts', 'choice', choices, { shots: 1 }),
      taskOf('words', 'choice', choices, { by: 'words', style: 'letter', chat: true, maxTokens: 12 }),
      taskOf('chat', 'generation', asks, { chat: true, maxTokens: 24 }),
      taskOf('plain', 'generation', asks, { maxTokens: 12, stop: ['\n'] }),
      taskOf('sampled', 'generation', asks, { chat: true, maxTokens: 12, temperature: 0.7, seeds: [1, 2] }),
      taskOf('window', 'perplexity', texts),
      taskOf('long', 'generation', [{ question: 'word '.repeat(2000), answers: ['x'] }, asks[0]], { maxTokens: 8 }),
    ]
    const { results } = await runExam({ tasks, examinees, folder: join(folder, 'out'), concurrency: 4 })
    for (const task of tasks) {
      const [here, there] = results.filter((result) => result.task === task.name)
      expect(there.tooLong, task.name).toBe(here.tooLong)
      expect(
        there.marks.map(({ said }) => said),
        task.name,
      ).toEqual(here.marks.map(({ said }) => said))
      for (const [i, mark] of here.marks.entries())
        expect(there.marks[i].value, `${task.name} ${mark.item}`).toBeCloseTo(mark.value ?? 0, 4)
      // Relative: a perplexity of thousands carries the last bits of float32 sums.
      for (const [i, figure] of here.figures.entries())
        expect(Math.abs(there.figures[i].value - figure.value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(figure.value)))
    }
    expect(results.find(({ task }) => task === 'long')?.tooLong).toBe(1)
  },
  300_000,
)

it.skipIf(!existsSync(starter))(
  'with the same likelihoods, also where a token straddles the seam',
  async () => {
    const signal = new AbortController().signal
    for (const [beginning, continuations] of [
      ['The sky is', [' blue', ' green and', ' blue and loud']],
      ['The sk', ['y is blue', 'ies are']],
      ['a', ['b', 'nd', '']],
      ['点', ['线是一套系统', '😀心']],
    ] as const) {
      const [here, there] = await Promise.all(examinees.map((each) => each.score(beginning, continuations, signal)))
      expect(
        there.map(({ tokens, greedy }) => ({ tokens, greedy })),
        beginning,
      ).toEqual(here.map(({ tokens, greedy }) => ({ tokens, greedy })))
      for (const [i, { logprob }] of here.entries()) expect(there[i].logprob).toBeCloseTo(logprob, 3)
    }
  },
  120_000,
)
