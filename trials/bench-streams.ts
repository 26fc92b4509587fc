/** Many streams at an even pace from the scripted engine, beside a bare Node server that does the same. */
import { loadavg } from 'node:os'
import { Figures } from '#trials/figures'
import { median } from './load/open-loop.ts'
import { readStreams, type StreamReport } from './load/streams.ts'
import { startWireServer } from './load/wire-server.ts'
import { whole } from './serving/arguments.ts'
import { peakBytes, startScripted } from './serving/scripted.ts'

/** `--streams=500` of `--rate=20` tokens a second, `--seconds=15` of each, `--rounds=3` in turn; of each the median. */
export async function main(args: string[]): Promise<void> {
  const [streams, rate] = [whole(args, 'streams', 500), whole(args, 'rate', 20)]
  const [seconds, rounds] = [whole(args, 'seconds', 15), whole(args, 'rounds', 3)]
  await bench({ streams, rate, seconds, rounds }, new Figures('npm run bench -- streams'))
}

interface Settings {
  streams: number
  rate: number
  seconds: number
  rounds: number
}

export async function bench({ streams, rate, seconds, rounds }: Settings, figures: Figures): Promise<void> {
  const pace = { firstMs: 1000 / rate, tokens: 10 * rate, eachMs: 1000 / rate }
  const ours = await startScripted(pace)
  const bare = await startWireServer(pace)
  const reports: Record<'ours' | 'bare', StreamReport[]> = { ours: [], bare: [] }
  const peaks = { ours: 0, bare: 0 }
  figures.note(
    `${streams} streams of ${rate} tokens/s, ${rounds} rounds of ${seconds} s in turn; ours with its ledger on disk; load average ${loadavg()[0].toFixed(2)}`,
  )
  try {
    const load = { streams, seconds, warmSeconds: Math.min(2, seconds / 2), spreadSeconds: Math.min(3, seconds / 2) }
    const asked = { messages: [{ role: 'user', content: 'Go on (%n)' }], stream: true }
    const options = { include_usage: true, include_obfuscation: false }
    for (let round = 0; round < rounds; round++) {
      for (const [name, { url, model }] of [['ours', ours] as const, ['bare', bare] as const]) {
        const body = { model, ...asked, stream_options: options }
        reports[name].push(await readStreams({ ...load, url: `${url}/chat/completions`, body }))
      }
    }
    peaks.ours = peakBytes(ours.process.pid ?? 0)
    peaks.bare = peakBytes(bare.process.pid ?? 0)
  } finally {
    await ours.close()
    await bare.close()
  }
  tell(figures, reports, peaks)
  figures.finish()
}

function tell(
  figures: Figures,
  reports: Record<'ours' | 'bare', StreamReport[]>,
  peaks: Record<'ours' | 'bare', number>,
) {
  for (const name of ['ours', 'bare'] as const) {
    const middle = (of: (report: StreamReport) => number) => median(reports[name].map(of))
    const mine = name === 'ours'
    figures.record(
      `streams.${name}.speed`,
      middle((each) => each.tokensPerSecond),
      'tokens/s',
    )
    figures.record(
      `streams.${name}.gap_p50`,
      middle(({ gaps }) => gaps.p50),
      'ms',
    )
    const goal = { op: '<=', value: 150 } as const
    figures.record(
      `streams.${name}.gap_p99`,
      middle(({ gaps }) => gaps.p99),
      'ms',
      mine ? goal : undefined,
    )
    figures.record(
      `streams.${name}.first_p95`,
      middle(({ first }) => first.p95),
      'ms',
    )
    const memory = { op: '<=', value: 400 } as const
    if (peaks[name] > 0)
      figures.record(`streams.${name}.rss`, peaks[name] / 2 ** 20, 'MiB at most', mine ? memory : undefined)
  }
  const failed = [...reports.ours, ...reports.bare].reduce((sum, each) => sum + each.failed, 0)
  figures.record('streams.failed', failed, 'answers', { op: '=', value: 0 })
}
