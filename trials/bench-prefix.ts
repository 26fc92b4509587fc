/** What a second request saves that begins as the first did: the time until its first token, over that of the first. */
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { openDecoder } from '#model/decoder'
import { type Decoder, greedy } from '#model/decoding'
import { Figures } from '#trials/figures'

const shared = 400
const own = 16

/** `--rounds=20` pairs of requests; `--model=starter`; the median of each counts, since other work only ever slows one down. */
export async function main(args: string[]): Promise<void> {
  const rounds = Number(option(args, 'rounds', '20'))
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a whole number above 0')
  const folder = option(args, 'model', fileURLToPath(new URL('../starter', import.meta.url)))
  const decoder = await openDecoder(folder, { slots: 4, threads: 2, prefixBytes: 256 << 20 })
  const figures = new Figures('npm run bench -- prefix')
  figures.note(
    `prompts of ${shared} tokens in common and ${own} of their own, ${rounds} pairs; load average ${loadavg()[0].toFixed(2)}`,
  )
  const [first, second, again, other]: number[][] = [[], [], [], []]
  await firstToken(decoder, prompt(0, 0), 'warm')
  for (let round = 1; round <= rounds; round++) {
    const owner = `owner ${round}`
    first.push((await firstToken(decoder, prompt(round, 1), owner)).ms)
    const later = await firstToken(decoder, prompt(round, 2), owner)
    if (later.cached < shared) throw new Error(`only ${later.cached} of ${shared} tokens were found again`)
    second.push(later.ms)
    again.push((await firstToken(decoder, prompt(round, 2), owner)).ms)
    const stranger = await firstToken(decoder, prompt(round, 3), `${owner}'s neighbour`)
    if (stranger.cached > 0) throw new Error('what was computed for one owner was used for another')
    other.push(stranger.ms)
  }
  await decoder.close()
  figures.record('prefix.first', median(first), 'ms')
  figures.record('prefix.second', median(second), 'ms')
  figures.record('prefix.same-again', median(again), 'ms')
  figures.record('prefix.other-owner', median(other), 'ms')
  figures.record('prefix.share', median(second) / median(first), 'of the first’s time', { op: '<', value: 0.15 })
  figures.record('prefix.kept', decoder.cacheBytes / 2 ** 20, 'MiB')
  figures.finish()
}

function option(args: readonly string[], name: string, otherwise: string): string {
  return args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise
}

const prompt = (round: number, tail: number) =>
  Uint32Array.from(
    { length: shared + own },
    (_, at) => (at < shared ? 17 * at + 7 * round : 29 * at + 1000 * tail) % 6000,
  )

async function firstToken(
  decoder: Decoder,
  promptIds: Uint32Array,
  owner: string,
): Promise<{ ms: number; cached: number }> {
  const request = { promptIds, owner, maxTokens: 1, sampling: greedy, stop: [], stopIds: [], topLogprobs: null }
  const start = performance.now()
  decoder.add(request)
  let cached = 0
  while (decoder.pending > 0)
    for (const event of await decoder.step()) if (event.type === 'end') cached = event.cachedTokens
  return { ms: performance.now() - start, cached }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
