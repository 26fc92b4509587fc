/** How long a second `npm start` takes: until /health replies, and until the model has given its first answer. */
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Figures } from '#trials/figures'
import { serveCommand } from './served/command.ts'

interface Start {
  healthMs: number
  firstAnswerMs: number
  answer: string
}

/**
 * Starts the server as `npm start` does (run.mjs, with everything already installed and built), `--runs` times (5).
 * Both times count from the process's start; the medians are the figures. `--model` takes another model's folder.
 */
export async function main(args: string[]): Promise<void> {
  const options = { runs: { type: 'string', default: '5' }, model: { type: 'string' } } as const
  const { values } = parseArgs({ args, strict: false, options })
  const runs = Number(values.runs)
  if (!Number.isSafeInteger(runs) || runs < 1) throw new RangeError(`--runs ${values.runs} is not a number above 0`)
  const model = typeof values.model === 'string' ? ['--model', values.model] : []
  const figures = new Figures('npm run bench -- start')
  // The first start installs, builds and warms the disk's cache; a second start is what is promised.
  await measureStart(model)
  const before = loadavg()[0]
  const starts: Start[] = []
  for (let run = 0; run < runs; run++) starts.push(await measureStart(model))
  figures.note(
    `${runs} second starts; /health after ${range(starts.map((one) => one.healthMs))}, first answer after ` +
      `${range(starts.map((one) => one.firstAnswerMs))}: ${JSON.stringify(starts[0].answer)}; load average ${before.toFixed(2)} before, ${loadavg()[0].toFixed(2)} after`,
  )
  figures.record('start.health_ms', median(starts.map((one) => one.healthMs)), 'ms', { op: '<=', value: 1500 })
  const first = median(starts.map((one) => one.firstAnswerMs))
  figures.record('start.first_answer_ms', first, 'ms', { op: '<=', value: 3000 })
  figures.finish()
}

async function measureStart(model: readonly string[]): Promise<Start> {
  // The wait covers an installation, should this be the first start of a checkout.
  const server = await serveCommand({ args: ['--port', '0', ...model], through: 'run.mjs', patienceMs: 300_000 })
  try {
    const health = await fetch(`${server.url}/health`)
    if (!health.ok) throw new Error(`/health answered ${health.status}: ${await health.text()}`)
    const healthMs = performance.now() - server.startedAt
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: server.model,
        messages: [{ role: 'user', content: 'Who are you?' }],
        temperature: 0,
        max_tokens: 60,
      }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`the first question was answered with ${response.status}: ${text}`)
    const firstAnswerMs = performance.now() - server.startedAt
    const reply: { choices: { message: { content: string } }[] } = JSON.parse(text)
    return { healthMs, firstAnswerMs, answer: reply.choices[0].message.content }
  } finally {
    await server.end('SIGTERM')
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
}

const range = (values: readonly number[]) =>
  `${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))} ms`
