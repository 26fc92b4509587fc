import { expect, test } from 'vitest'
import { type ChangingDecoder, createChangingDecoder, createDecoder } from './decoder.ts'
import { families, letters, randomParameters } from './decoding/random-model.ts'
import { type DecodeEvent, type Decoder, greedy, type TokenEvent } from './decoding.ts'

const options = { slots: 3, threads: 1 }

/** Three requests of different lengths, drawn: every token with its log-probability. */
async function told(decoder: Decoder): Promise<string[][]> {
  const texts = new Map<number, string[]>()
  for (const [i, length] of [5, 70, 12].entries()) {
    const promptIds = Uint32Array.from({ length }, (_, at) => (at * 7 + i) % 20)
    const sampling = { ...greedy, temperature: 1, seed: i }
    texts.set(decoder.add({ promptIds, maxTokens: 6, sampling, stop: [], stopIds: [], topLogprobs: 1 }), [])
  }
  const isToken = (event: DecodeEvent): event is TokenEvent => event.type === 'token'
  while (decoder.pending > 0)
    for (const event of (await decoder.step()).filter(isToken)) texts.get(event.sequence)?.push(JSON.stringify(event))
  return [...texts.values()]
}

const withoutNumbers = (all: string[][]) => all.map((events) => events.map((e) => e.replace(/"sequence":\d+,?/, '')))

test.each(Object.entries(families))('%s: renewed weights give the bits of a new decoder', async (_name, family) => {
  const config = { ...family, contextLength: 96 }
  const [before, after] = [randomParameters(config, 1), randomParameters(config, 2)]
  const fresh = createChangingDecoder(config, after, letters, options)
  const usual = createDecoder(config, after, letters, options)
  const renewed: ChangingDecoder = createChangingDecoder(config, new Map(before), letters, options)
  try {
    const first = withoutNumbers(await told(renewed))
    renewed.rest()
    renewed.renew(after)
    const second = withoutNumbers(await told(renewed))
    expect(second).not.toEqual(first)
    expect(second).toEqual(withoutNumbers(await told(fresh)))
    const ids = (all: string[][]) => all.map((events) => events.map((e) => (JSON.parse(e) as TokenEvent).id))
    expect(ids(second)).toEqual(ids(withoutNumbers(await told(usual))))
  } finally {
    for (const decoder of [fresh, usual, renewed]) await decoder.close()
  }
})

test('weights are not changed under a sequence', async () => {
  const config = Object.values(families)[0]
  const decoder = createChangingDecoder(config, randomParameters(config, 1), letters, options)
  const request = {
    promptIds: Uint32Array.of(1),
    maxTokens: 3,
    sampling: greedy,
    stop: [],
    stopIds: [],
    topLogprobs: null,
  }
  decoder.add(request)
  expect(() => decoder.renew(randomParameters(config, 2))).toThrow('pending')
  expect(() => decoder.rest()).toThrow('pending')
  await decoder.close()
  expect(() => decoder.rest()).toThrow('closed')
})
