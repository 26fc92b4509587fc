/** Tokens per second of the decoder, alone and over many sequences, and how long a prompt waits for its first token. */
import { loadavg } from 'node:os'
import { performance } from 'node:perf_hooks'
import { type GptConfig, parameterCount, parameterSpecs, presets } from '#model/config'
import { createDecoder } from '#model/decoder'
import { type DecodeRequest, type Decoder, greedy, type Sampling } from '#model/decoding'
import { Figures, type Goal } from '#trials/figures'

/** The starter's shape with six layers: 5.9 million parameters. */
const config: GptConfig = { ...presets.starter, layers: 6, kvHeads: 8, vocabSize: 4096, hidden: 768 }
const length = 256

const ordinary: Sampling = { ...greedy, temperature: 0.8, topP: 0.95, seed: 1 }

/**
 * `--threads=2` is the machine's share; one thread is measured as well. Rounds are repeated for `--seconds=8` a figure
 * and the best counts: other work on the machine only ever slows one down.
 */
export async function main(args: string[]): Promise<void> {
  const figures = new Figures('npm run bench -- decode')
  const given = option(args, 'threads', 2)
  const seconds = option(args, 'seconds', 8)
  const size = (parameterCount(config) / 1e6).toFixed(2)
  figures.note(
    `random weights, ${size} M parameters in f32, answers of ${length} tokens after prompts of 8, the best round of ${seconds} s; load average ${loadavg()[0].toFixed(2)} before`,
  )
  const parameters = randomParameters()
  for (const threads of new Set([given, 1])) {
    const text = { tokenBytes: () => Uint8Array.of(97) }
    const decoder = createDecoder(config, parameters, text, { slots: 32, threads })
    const under = threads === 1 ? 'decode.one-thread' : 'decode'
    const alone: Goal | undefined = threads === given ? { op: '>=', value: 600 } : undefined
    const batch: Goal | undefined = threads === given ? { op: '>=', value: 3000 } : undefined
    figures.record(`${under}.alone`, await speed(decoder, 1, greedy, seconds), 'tokens/s', alone)
    figures.record(`${under}.batch32`, await speed(decoder, 32, greedy, seconds), 'tokens/s', batch)
    figures.record(`${under}.batch32.top-p`, await speed(decoder, 32, ordinary, seconds), 'tokens/s')
    figures.record(`${under}.first-token.prompt32`, await firstToken(decoder, 32, seconds), 'ms')
    figures.record(`${under}.first-token.prompt512`, await firstToken(decoder, 512, seconds), 'ms')
    await decoder.close()
  }
  figures.note(`load average ${loadavg()[0].toFixed(2)} after`)
  figures.finish()
}

function option(args: readonly string[], name: string, otherwise: number): number {
  const given = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const value = Number(given ?? otherwise)
  if (!(value > 0)) throw new RangeError(`--${name}: ${given} is not a number above 0`)
  return value
}

function randomParameters(): Map<string, Float32Array> {
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  }
  return new Map(
    parameterSpecs(config).map(({ name, shape, kind }) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [name, Float32Array.from({ length: size }, () => (kind === 'norm' ? 1 : 0.1 * uniform()))]
    }),
  )
}

const request = (promptLength: number, maxTokens: number, sampling: Sampling, offset = 0): DecodeRequest => ({
  promptIds: Uint32Array.from({ length: promptLength }, (_, i) => (i * 31 + offset * 7) % config.vocabSize),
  maxTokens,
  sampling,
  stop: [],
  stopIds: [],
  topLogprobs: null,
})

/** Tokens per second over all sequences of `length` tokens, reading the prompts included. */
async function speed(decoder: Decoder, sequences: number, sampling: Sampling, seconds: number): Promise<number> {
  const requests = (round: number) =>
    Array.from({ length: sequences }, (_, i) => request(8, length, { ...sampling, seed: i }, i + round))
  return (1000 * sequences * length) / (await bestOf(decoder, requests, seconds))
}

/** Milliseconds from a request to its first token. */
const firstToken = (decoder: Decoder, promptLength: number, seconds: number): Promise<number> =>
  bestOf(decoder, (round) => [request(promptLength, 1, greedy, round)], seconds)

/** The fewest milliseconds that the requests of a round took, added together and decoded to their ends. */
async function bestOf(
  decoder: Decoder,
  requests: (round: number) => DecodeRequest[],
  seconds: number,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + 1000 * seconds
  for (let round = 0; round === 0 || performance.now() < end; round++) {
    const start = performance.now()
    for (const each of requests(round)) decoder.add(each)
    while (decoder.pending > 0) await decoder.step()
    best = Math.min(best, performance.now() - start)
  }
  return best
}
