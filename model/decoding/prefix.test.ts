import { describe, expect, it } from 'vitest'
import { createDecoder } from '../decoder.ts'
import type { DecodeEvent, DecodeRequest, Decoder, EndEvent } from '../decoding.ts'
import { greedy } from '../decoding.ts'
import { families, letters, randomParameters } from './random-model.ts'

const config = families.Llama
const parameters = randomParameters(config, 11)
const open = (more: object = {}, of = config, values = parameters): Decoder =>
  createDecoder(of, values, letters, { slots: 4, threads: 1, prefixBytes: 64 << 20, ...more })

const someIds = (count: number, seed: number) =>
  Uint32Array.from({ length: count }, (_, i) => (i * i * 7 + seed * 31 + i * 3) % config.vocabSize)
const ask = (promptIds: Uint32Array, more: Partial<DecodeRequest> = {}): DecodeRequest => ({
  promptIds,
  maxTokens: 10,
  sampling: greedy,
  stop: [],
  stopIds: [],
  topLogprobs: null,
  ...more,
})

interface Said {
  ids: number[]
  end: EndEvent
}

async function answers(decoder: Decoder, requests: readonly DecodeRequest[]): Promise<Said[]> {
  const numbers = requests.map((each) => decoder.add(each))
  const events: DecodeEvent[] = []
  while (decoder.pending > 0) events.push(...(await decoder.step()))
  return numbers.map((number) => {
    const own = events.filter(({ sequence }) => sequence === number)
    const end = own.at(-1)
    if (end?.type !== 'end') throw new Error('a sequence without an end')
    return { ids: own.flatMap((event) => (event.type === 'token' ? [event.id] : [])), end }
  })
}

const alone = async (request: DecodeRequest, of = config, values = parameters) => {
  const decoder = open({ prefixBytes: 0, slots: 1 }, of, values)
  const [said] = await answers(decoder, [request])
  await decoder.close()
  return said
}

describe('prompts that begin alike', () => {
  it.each(Object.entries(families))('%s says the same, whatever was computed before', async (_family, of) => {
    const values = randomParameters(of, 3)
    const decoder = open({}, of, values)
    const first = someIds(100, 1)
    const [said] = await answers(decoder, [ask(first)])
    expect(said.end.cachedTokens).toBe(0)
    const changed = first.slice()
    changed[70] = (changed[70] + 1) % of.vocabSize
    const later: [Uint32Array, number][] = [
      [first, 96],
      [first.subarray(0, 96), 80],
      [changed, 64],
      [Uint32Array.from([...first, ...said.ids, 5, 6]), 96],
    ]
    for (const [prompt, cached] of later) {
      const [again] = await answers(decoder, [ask(prompt)])
      expect(again.end.cachedTokens).toBe(cached)
      expect(again.ids).toEqual((await alone(ask(prompt), of, values)).ids)
    }
    await decoder.close()
  })

  it('go on with an answer of their own: what was said is not read again', async () => {
    const decoder = open()
    const first = someIds(40, 2)
    const [said] = await answers(decoder, [ask(first, { maxTokens: 30 })])
    const [next] = await answers(decoder, [ask(Uint32Array.from([...first, ...said.ids, 1, 2, 3]))])
    // 69 tokens of the first stand in the cache: all but the last that was said.
    expect(next.end.cachedTokens).toBe(64)
    await decoder.close()
  })

  it('share nothing between owners', async () => {
    const decoder = open()
    const prompt = someIds(100, 3)
    const of = async (owner?: string) => (await answers(decoder, [ask(prompt, { owner })]))[0].end.cachedTokens
    expect([await of('a'), await of('b'), await of(), await of('a'), await of('b'), await of()]).toEqual([
      0, 0, 0, 96, 96, 96,
    ])
    await decoder.close()
  })

  it('say what they say alone, among others that begin otherwise, read in the same steps', async () => {
    const decoder = open({ slots: 3 })
    await answers(decoder, [ask(someIds(120, 1)), ask(someIds(120, 2))])
    const requests = [1, 5, 2, 1, 6, 7, 2].map((seed, at) => ask(someIds(60 + 10 * at, seed), { maxTokens: 5 + at }))
    const said = await answers(decoder, requests)
    for (const [at, { ids }] of said.entries()) expect([at, ids]).toEqual([at, (await alone(requests[at])).ids])
    expect(said.map(({ end }) => end.cachedTokens)).toEqual([48, 0, 64, 80, 0, 0, 112])
    await decoder.close()
  })

  it('stay within their memory', async () => {
    const prefixBytes = 300_000
    const decoder = open({ prefixBytes })
    for (let seed = 0; seed < 12; seed++) {
      await answers(decoder, [ask(someIds(120, seed))])
      expect(decoder.cacheBytes).toBeLessThanOrEqual(prefixBytes)
    }
    expect(decoder.cacheBytes).toBeGreaterThan(prefixBytes / 2)
    await decoder.close()
  })
})

/** The order in which requests end. */
async function order(decoder: Decoder, requests: readonly DecodeRequest[]): Promise<number[]> {
  const numbers = requests.map((each) => decoder.add(each))
  const ended: number[] = []
  while (decoder.pending > 0)
    for (const event of await decoder.step()) if (event.type === 'end') ended.push(numbers.indexOf(event.sequence))
  return ended
}

describe('waiting', () => {
  it('is in turn: who asks once is not behind all that another asks', async () => {
    const decoder = open({ slots: 2 })
    const busy = Array.from({ length: 8 }, (_, at) => ask(someIds(5, at), { owner: 'busy', maxTokens: 4 }))
    const ended = await order(decoder, [...busy, ask(someIds(5, 9), { owner: 'once', maxTokens: 4 })])
    expect(ended.indexOf(8)).toBeLessThan(4)
    expect(ended).toHaveLength(9)
    await decoder.close()
  })

  it('is as long as it takes for what may wait, which leaves a place free', async () => {
    const decoder = open({ slots: 4 })
    const late = Array.from({ length: 8 }, (_, at) => ask(someIds(5, at), { background: true, maxTokens: 20 }))
    for (const each of late) decoder.add(each)
    for (let step = 0; step < 3; step++) await decoder.step()
    const now = decoder.add(ask(someIds(5, 50), { maxTokens: 3 }))
    const ended: number[] = []
    while (decoder.pending > 0)
      for (const event of await decoder.step()) if (event.type === 'end') ended.push(event.sequence)
    expect(ended[0]).toBe(now)
    expect(ended).toHaveLength(9)
    await decoder.close()
  })

  it('is for memory too: those in the batch fit, and one always does', async () => {
    const perToken = 4 * 2 * config.layers * config.kvHeads * config.headWidth
    const decoder = open({ slots: 8, batchBytes: 2 * 64 * perToken })
    const requests = Array.from({ length: 6 }, (_, at) => ask(someIds(20, at), { maxTokens: 30 }))
    const numbers = requests.map((each) => decoder.add(each))
    let most = 0
    const ended = new Set<number>()
    while (decoder.pending > 0) {
      const events = await decoder.step()
      const ending = new Set(events.filter(({ type }) => type === 'end').map(({ sequence }) => sequence))
      // Those that go on: who ends in a step makes room for another in the same step.
      const going = events.filter(({ type, sequence }) => type === 'token' && !ending.has(sequence))
      most = Math.max(most, new Set(going.map(({ sequence }) => sequence)).size)
      for (const event of events) if (event.type === 'end') ended.add(event.sequence)
    }
    expect([most, ended.size]).toEqual([2, numbers.length])
    const [large] = await answers(decoder, [ask(someIds(100, 1), { maxTokens: 50 })])
    expect(large.end.finishReason).toBe('length')
    await decoder.close()
  })
})
