import { describe, expect, it } from 'vitest'
import { createDecoder } from '../decoder.ts'
import { type DecodeEvent, type DecodeRequest, type Decoder, greedy } from '../decoding.ts'
import { generate, NotFiniteError } from '../generate.ts'
import { families, letters, randomParameters } from './random-model.ts'

const config = families.Llama
/** A token whose embedding is damaged: whoever reads it computes no number from there on. */
const broken = 13

function damaged(value: number): Map<string, Float32Array> {
  const parameters = randomParameters(config, 3)
  parameters.get('model.embed_tokens.weight')?.fill(value, broken * config.width, (broken + 1) * config.width)
  return parameters
}

const ids = (count: number, seed: number, ...last: number[]): Uint32Array =>
  Uint32Array.from([
    ...Array.from({ length: count }, (_, i) => {
      const id = (i * i * 7 + seed * 31 + i * 3) % config.vocabSize
      return id === broken ? id + 1 : id
    }),
    ...last,
  ])

/** Never the broken token, unless a request is made to say it. */
const bias = (value: number) => new Map([[broken, value]])
const request = (promptIds: Uint32Array, more: Partial<DecodeRequest> = {}): DecodeRequest => ({
  promptIds,
  maxTokens: 20,
  sampling: { ...greedy, logitBias: bias(-1e9) },
  stop: [],
  stopIds: [],
  topLogprobs: null,
  ...more,
})
const saysBroken = (promptIds: Uint32Array) =>
  request(promptIds, { sampling: { ...greedy, logitBias: bias(1e9) }, topLogprobs: 2 })

async function drain(decoder: Decoder): Promise<DecodeEvent[]> {
  const events: DecodeEvent[] = []
  while (decoder.pending > 0) events.push(...(await decoder.step()))
  return events
}

/** What each request says and how it ends, alone on a decoder of its own. */
async function alone(requests: readonly DecodeRequest[]): Promise<unknown[]> {
  const said: unknown[] = []
  for (const each of requests) {
    const decoder = createDecoder(config, damaged(Number.NaN), letters, { slots: 1, threads: 1 })
    const sequence = decoder.add(each)
    said.push(outcome(await drain(decoder), sequence))
    await decoder.close()
  }
  return said
}

const outcome = (events: readonly DecodeEvent[], sequence: number) =>
  events
    .filter((event) => event.sequence === sequence)
    .map((event) => (event.type === 'token' ? event.id : event.finishReason))

describe.each([Number.NaN, Number.POSITIVE_INFINITY])('a model that computes %d for one request', (value) => {
  const good = [request(ids(9, 1)), request(ids(40, 2)), request(ids(70, 3)), request(ids(30, 4))]

  it('ends that one while it speaks, and the others say what they say alone, also in its place', async () => {
    const decoder = createDecoder(config, damaged(value), letters, { slots: 3, threads: 1 })
    // The cache has its size before, or its growth would clean it.
    for (const seed of [20, 21, 22]) decoder.add(request(ids(100, seed)))
    await drain(decoder)
    const bad = decoder.add(saysBroken(ids(60, 5)))
    const others = good.map((each) => decoder.add(each))
    const events = await drain(decoder)
    expect(outcome(events, bad)).toEqual([broken, 'failed'])
    expect(others.map((sequence) => outcome(events, sequence))).toEqual(await alone(good))
    const again = decoder.add(good[0])
    expect(outcome(await drain(decoder), again)).toEqual((await alone([good[0]]))[0])
    await decoder.close()
  })

  it('ends it while its prompt is read with others’, wherever in the prompt the damage lies', async () => {
    const decoder = createDecoder(config, damaged(value), letters, { slots: 8, threads: 1 })
    const [first, second, third, fourth] = good
    const order = [first, request(ids(20, 6, broken)), second, request(ids(5, 7, broken, ...ids(30, 8))), third, fourth]
    const numbers = order.map((each) => decoder.add(each))
    const events = await drain(decoder)
    expect([numbers[1], numbers[3]].map((sequence) => outcome(events, sequence))).toEqual([['failed'], ['failed']])
    const others = [0, 2, 4, 5].map((i) => outcome(events, numbers[i]))
    expect(others).toEqual(await alone(good))
    await decoder.close()
  })

  it('ends it before the rest of a long prompt is read, and cleans what was', async () => {
    const decoder = createDecoder({ ...config, contextLength: 600 }, damaged(value), letters, { slots: 2, threads: 1 })
    const speaker = decoder.add(request(ids(20, 9), { maxTokens: 60 }))
    await decoder.step()
    const long = decoder.add(request(ids(100, 10, broken, ...ids(400, 11))))
    const next = decoder.add(request(ids(150, 12)))
    const first = await decoder.step()
    expect(outcome(first, long)).toEqual(['failed'])
    const events = await drain(decoder)
    expect(outcome(events, next)).toHaveLength(21)
    expect(outcome(events, next).at(-1)).toBe('length')
    expect(outcome(events, speaker).at(-1)).toBe('length')
    await decoder.close()
  })
})

it('a request alone is told by an error that says what to look at', async () => {
  const decoder = createDecoder(config, damaged(Number.NaN), letters, { slots: 1, threads: 1 })
  const said: number[] = []
  const read = async () => {
    for await (const event of generate(decoder, saysBroken(ids(4, 1)))) if (event.type === 'token') said.push(event.id)
  }
  const told = await read().catch((error: unknown) => error)
  expect(told).toBeInstanceOf(NotFiniteError)
  expect((told as Error).message).toContain('weights')
  expect(said).toEqual([broken])
  expect(decoder.pending).toBe(0)
  await decoder.close()
})
