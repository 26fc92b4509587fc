/** Our engine beside llama.cpp's own server and node-llama-cpp, over HTTP, on the same starter weights. */
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exportGguf } from '#model/gguf-export'
import { llamaInstalled } from '#model/llama-cpp'
import { Figures, type Goal } from '#trials/figures'
import { median } from '#trials/load/open-loop'
import { readStreams, type StreamReport } from '#trials/load/streams'
import { whole } from './serving/arguments.ts'
import { type Contestant, startDotline, startLlamaServer, startNodeLlama } from './serving/contestants.ts'

const starter = fileURLToPath(new URL('../starter', import.meta.url))
/** What every answer begins with; the number keeps any two from beginning alike. */
const prompt =
  '%n people came to the harbour that morning, and each had something to tell. The first of them, an old fisherman, said:'

/**
 * `--rounds=5` in turn, each `--seconds=4` at each number of `--streams=1,8,32`; of each the median. `--tokens=128` an
 * answer; `--dtype=f32` (f16, q8_0) of the GGUF file. `--only=ours,server` leaves others out.
 */
export async function main(args: string[]): Promise<void> {
  const [tokens, rounds, seconds] = [whole(args, 'tokens', 128), whole(args, 'rounds', 5), whole(args, 'seconds', 4)]
  const text = (name: string, otherwise: string) =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise
  const parallel = text('streams', '1,8,32').split(',').map(Number)
  const dtype = text('dtype', 'f32') as 'f32' | 'f16' | 'q8_0'
  const only = text('only', 'ours,engine-llama,server,server-2,node-llama').split(',')
  const figures = new Figures(`npm run bench -- serve --dtype=${dtype}`)
  const folder = mkdtempSync(join(tmpdir(), 'dotline-serve-'))
  const contestants: Contestant[] = []
  try {
    const file = join(folder, 'weights.gguf')
    await exportGguf(starter, file, { dtype })
    contestants.push(...(await start(only, file, folder, Math.max(...parallel), figures)))
    figures.note(
      `${rounds} rounds in turn of ${seconds} s, answers of at most ${tokens} tokens; GGUF in ${dtype}; load average ${loadavg()[0].toFixed(2)}`,
    )
    for (const streams of parallel) {
      const reports = new Map(contestants.map(({ name }) => [name, [] as StreamReport[]]))
      for (let round = 0; round < rounds; round++)
        for (const each of contestants)
          reports.get(each.name)?.push(await measure(each, { streams, tokens, seconds, round }))
      tell(figures, streams, reports)
    }
  } finally {
    for (const each of contestants) await each.close()
    rmSync(folder, { recursive: true })
  }
  figures.note(`load average ${loadavg()[0].toFixed(2)} after`)
  figures.finish()
}

async function start(
  only: readonly string[],
  file: string,
  folder: string,
  slots: number,
  figures: Figures,
): Promise<Contestant[]> {
  const installed = llamaInstalled()
  if (!installed) figures.note("node-llama-cpp is not installed: 'dotline model llama-cpp install'")
  const starts: Record<string, () => Promise<Contestant | null>> = {
    ours: () => startDotline('ours', starter, join(folder, 'ours')),
    'ours-1': () => startDotline('ours-1', starter, join(folder, 'ours-1'), 1),
    'ours-2': () => startDotline('ours-2', starter, join(folder, 'ours-2'), 2),
    'engine-llama': async () => (installed ? startDotline('engine-llama', file, join(folder, 'llama')) : null),
    server: () => startLlamaServer('server', file, slots, 1),
    'server-2': () => startLlamaServer('server-2', file, slots, 2),
    'node-llama': async () => (installed ? startNodeLlama('node-llama', file, slots, 1) : null),
  }
  const started: Contestant[] = []
  for (const name of only) {
    const one = await starts[name]()
    if (one === null)
      figures.note(`${name} is left out: it is not there (trials/peers/llama-server.sh builds the server)`)
    else started.push(one)
  }
  return started
}

interface Trial {
  streams: number
  tokens: number
  seconds: number
  round: number
}

let asked = 0

async function measure({ name, url, model }: Contestant, { streams, tokens, seconds }: Trial): Promise<StreamReport> {
  const usage = { stream: true, stream_options: { include_usage: true, include_obfuscation: false } }
  // Sampling as all of them do it: nothing but a temperature.
  const sampling = { temperature: 1, top_p: 1, top_k: 0, min_p: 0 }
  const body = { model, prompt, max_tokens: tokens, ...sampling, ...usage }
  const from = (asked += 100_000)
  const report = await readStreams({ url, body, streams, seconds, warmSeconds: 1, from })
  if (report.failed > 0 || report.tokensPerSecond === 0)
    throw new Error(`${name}: ${report.failed} answers failed, ${report.tokensPerSecond} tokens a second`)
  return report
}

/** The goals of speed: beside the server's better number of threads, and beside node-llama-cpp. */
function tell(figures: Figures, streams: number, reports: ReadonlyMap<string, readonly StreamReport[]>): void {
  const speed = (name: string) => median((reports.get(name) ?? []).map((each) => each.tokensPerSecond))
  for (const [name, all] of reports) {
    const middle = (of: (report: StreamReport) => number) => median(all.map(of))
    const under = `serve.${name}.${streams}`
    figures.record(`${under}.speed`, speed(name), 'tokens/s')
    figures.record(
      `${under}.first_p50`,
      middle(({ first }) => first.p50),
      'ms',
    )
    figures.record(
      `${under}.first_p95`,
      middle(({ first }) => first.p95),
      'ms',
    )
  }
  if (!reports.has('ours')) return
  const ratio = (label: string, others: readonly string[], goal?: Goal) => {
    const there = others.filter((name) => reports.has(name))
    if (there.length === 0) return
    // The median of ratios of one round each: what else the machine did then, it did to both.
    const of = (round: number) =>
      (reports.get('ours')?.[round].tokensPerSecond ?? 0) /
      Math.max(...there.map((name) => reports.get(name)?.[round].tokensPerSecond ?? 0))
    const rounds = reports.get('ours')?.length ?? 0
    figures.record(
      `serve.${streams}.to_${label}`,
      median(Array.from({ length: rounds }, (_, at) => of(at))),
      'times',
      goal,
    )
  }
  const toServer: Record<number, Goal> = { 1: { op: '>=', value: 1 }, 32: { op: '>=', value: 1.3 } }
  const toNode: Record<number, Goal> = { 32: { op: '>=', value: 4 } }
  ratio('server', ['server', 'server-2'], toServer[streams])
  ratio('node_llama', ['node-llama'], toNode[streams])
  ratio('engine_llama', ['engine-llama'])
}
