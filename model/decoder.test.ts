import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { constant, input } from '#tensor/graph'
import { compile } from '#tensor/program'
import { type GptConfig, parameterSpecs } from './config.ts'
import { createDecoder, DecodeRequestError, openDecoder } from './decoder.ts'
import { Engine } from './decoding/engine.ts'
import { families, letters, randomParameters } from './decoding/random-model.ts'
import {
  type DecodeEvent,
  type DecodeRequest,
  type Decoder,
  type EndEvent,
  greedy,
  type TokenEvent,
} from './decoding.ts'
import { generate } from './generate.ts'
import { hiddenStates, logitsOf } from './gpt.ts'
import { characterTokenizer } from './tokenizer-training.ts'
import { saveModel } from './weights.ts'

const threads = 1

/** The logits of every position by the whole forward pass, without any cache: [length, vocabulary]. */
async function fullPass(config: GptConfig, parameters: Map<string, Float32Array>, ids: Uint32Array) {
  const tensors = new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, constant(parameters.get(name) ?? 0, shape)]),
  )
  const tokens = input('tokens', [ids.length], 'int64')
  const states = hiddenStates(config, tensors, { batch: 1, length: ids.length, tokens })
  const program = await compile({ logits: logitsOf(config, tensors, states) }, { threads })
  const { logits } = await program.run({ tokens: BigInt64Array.from(ids, BigInt) })
  await program.release()
  return logits as Float32Array
}

const someIds = (count: number, config: GptConfig, seed = 1): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => (i * i * 7 + seed * 31 + i * 3) % config.vocabSize)

function request(promptIds: Uint32Array, change: Partial<DecodeRequest> = {}): DecodeRequest {
  return { promptIds, maxTokens: 12, sampling: greedy, stop: [], stopIds: [], topLogprobs: null, ...change }
}

async function drain(decoder: Decoder, into: DecodeEvent[] = []): Promise<DecodeEvent[]> {
  while (decoder.pending > 0) into.push(...(await decoder.step()))
  return into
}

const idsOf = (events: DecodeEvent[], sequence: number): number[] =>
  events.filter((e): e is TokenEvent => e.type === 'token' && e.sequence === sequence).map((e) => e.id)

const endOf = (events: DecodeEvent[], sequence: number): EndEvent | undefined =>
  events.find((e): e is EndEvent => e.type === 'end' && e.sequence === sequence)

function difference(a: Float32Array, b: Float32Array): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] - b[i]))
  return most
}

for (const [family, config] of Object.entries(families)) {
  test(`${family}: logits with the cache equal the whole forward pass`, async () => {
    const parameters = randomParameters(config, 5)
    const length = 150
    const first = someIds(length, config, 1)
    const second = someIds(length, config, 2)
    const wanted = [await fullPass(config, parameters, first), await fullPass(config, parameters, second)]
    const row = (of: number, at: number) => wanted[of].subarray(at * config.vocabSize, (at + 1) * config.vocabSize)
    // Llama's weights are fed at each run, as those of models beyond 2 GiB are.
    const engine = new Engine(config, parameters, threads, family === 'Llama' ? 0 : undefined)
    // The first prompt in chunks of different sizes, one token among them; the second at once.
    let at = 0
    for (const size of [5, 1, 34]) {
      const logits = await engine.prefill([{ row: 0, ids: first.subarray(at, at + size), begins: at === 0 }])
      at += size
      expect(difference(logits, row(0, at - 1))).toBeLessThan(1e-4)
    }
    // The next pass reads more of the first and begins the second and a third.
    const logits = await engine.prefill([
      { row: 0, ids: first.subarray(at, at + 6), begins: false },
      { row: 1, ids: second.subarray(0, 3), begins: true },
      { row: 2, ids: first.subarray(0, 50), begins: true },
    ])
    at += 6
    for (const [i, expected] of [row(0, at - 1), row(1, 2), row(0, 49)].entries())
      expect(difference(logits.subarray(i * config.vocabSize, (i + 1) * config.vocabSize), expected)).toBeLessThan(1e-4)
    for (let i = 0; at + i < length; i++) {
      const logits = await engine.decode([first[at + i], second[3 + i]])
      expect(difference(logits.subarray(0, config.vocabSize), row(0, at + i))).toBeLessThan(1e-4)
      expect(difference(logits.subarray(config.vocabSize), row(1, 3 + i))).toBeLessThan(1e-4)
    }
    await engine.close()
  })
}

test('sequences that join and leave in between say what they say alone', async () => {
  const config = families.Llama
  const parameters = randomParameters(config, 9)
  const requests = Array.from({ length: 9 }, (_, i) =>
    request(someIds(1 + ((i * 37) % 90), config, i), {
      maxTokens: 3 + ((i * 11) % 40),
      sampling: i % 2 ? greedy : { ...greedy, temperature: 0.7, seed: i },
    }),
  )
  const alone: number[][] = []
  for (const each of requests) {
    const decoder = createDecoder(config, parameters, letters, { slots: 1, threads })
    const sequence = decoder.add(each)
    alone.push(idsOf(await drain(decoder), sequence))
    await decoder.close()
  }
  const decoder = createDecoder(config, parameters, letters, { slots: 4, threads })
  const events: DecodeEvent[] = []
  const numbers: number[] = []
  for (const [i, each] of requests.entries()) {
    numbers.push(decoder.add(each))
    for (let step = 0; step < i % 4; step++) events.push(...(await decoder.step()))
  }
  await drain(decoder, events)
  expect(numbers.map((n) => idsOf(events, n))).toEqual(alone)
  for (const [i, n] of numbers.entries()) {
    const end = endOf(events, n)
    expect([end?.promptTokens, end?.completionTokens]).toEqual([requests[i].promptIds.length, alone[i].length])
    expect(end?.finishReason).toBe('length')
  }
  await decoder.close()
})

test('a long prompt is read in chunks while others keep speaking', async () => {
  const config = { ...families.Llama, contextLength: 1600 }
  const parameters = randomParameters(config, 3)
  const decoder = createDecoder(config, parameters, letters, { slots: 3, threads })
  const speaker = decoder.add(request(someIds(4, config), { maxTokens: 20 }))
  const brief = decoder.add(request(someIds(6, config, 4), { maxTokens: 3 }))
  const events = await decoder.step()
  const long = decoder.add(request(someIds(1500, config, 2), { maxTokens: 2 }))
  let silent = 0
  while (idsOf(events, long).length === 0) {
    const before = idsOf(events, speaker).length
    events.push(...(await decoder.step()))
    expect(idsOf(events, speaker).length).toBe(before + 1)
    silent++
  }
  expect(silent).toBe(6)
  await drain(decoder, events)
  // The brief one left while the long prompt was half read, which moves the reader's row.
  expect(endOf(events, brief)?.completionTokens).toBe(3)
  const wanted = await fullPass(config, parameters, someIds(1500, config, 2))
  const last = wanted.subarray(1499 * config.vocabSize)
  expect(idsOf(events, long)[0]).toBe(last.indexOf(Math.max(...last)))
  await decoder.close()
})

test('one seed gives one text, alone or among others, and another seed another', async () => {
  const config = families.Qwen3
  const parameters = randomParameters(config, 11)
  const sampling = { ...greedy, temperature: 1, topP: 0.95, seed: 42 }
  const told = async (seeds: number[]) => {
    const decoder = createDecoder(config, parameters, letters, { slots: 8, threads })
    const numbers = seeds.map((seed) =>
      decoder.add(request(someIds(9, config), { maxTokens: 30, sampling: { ...sampling, seed } })),
    )
    const events = await drain(decoder)
    await decoder.close()
    return numbers.map((n) => idsOf(events, n).join())
  }
  const [alone] = await told([42])
  const [first, , third, fourth] = await told([1, 2, 42, 42])
  expect(third).toBe(alone)
  expect(fourth).toBe(alone)
  expect(first).not.toBe(alone)
})

test('cancelling ends a sequence that waits, one that reads and one that speaks', async () => {
  const config = { ...families.Llama, contextLength: 2048 }
  const decoder = createDecoder(config, randomParameters(config, 2), letters, { slots: 2, threads })
  const speaks = decoder.add(request(someIds(3, config), { maxTokens: 1000 }))
  const stays = request(someIds(5, config, 8), { maxTokens: 8 })
  await decoder.step()
  const reads = decoder.add(request(someIds(2000, config)))
  const waits = decoder.add(stays)
  const events = await decoder.step()
  expect(decoder.pending).toBe(3)
  decoder.cancel(reads)
  decoder.cancel(speaks)
  decoder.cancel(999)
  events.push(...(await decoder.step()))
  expect(endOf(events, reads)).toMatchObject({ finishReason: 'cancelled', promptTokens: 2000, completionTokens: 0 })
  expect(endOf(events, speaks)).toMatchObject({ finishReason: 'cancelled', completionTokens: 2 })
  await drain(decoder, events)
  const alone = createDecoder(config, randomParameters(config, 2), letters, { slots: 1, threads })
  const again = alone.add(stays)
  expect(idsOf(events, waits)).toEqual(idsOf(await drain(alone), again))
  expect(await decoder.step()).toEqual([])
  decoder.cancel(decoder.add(stays))
  expect(await decoder.step()).toMatchObject([{ type: 'end', finishReason: 'cancelled', completionTokens: 0 }])
  await decoder.close()
  await alone.close()
})

test('a context filled to the end, and an answer of no tokens', async () => {
  const config = families['GPT-2']
  const decoder = createDecoder(config, randomParameters(config, 4), letters, { slots: 2, threads })
  const full = decoder.add(request(someIds(150, config), { maxTokens: 1000 }))
  const none = decoder.add(request(someIds(3, config), { maxTokens: 0 }))
  const events = await drain(decoder)
  expect(endOf(events, full)).toMatchObject({ finishReason: 'length', completionTokens: 10 })
  expect(endOf(events, none)).toMatchObject({ finishReason: 'length', promptTokens: 3, completionTokens: 0 })
  await decoder.close()
})

test('tokens that the tokenizer does not know are never chosen', async () => {
  const config = families.Llama
  const parameters = randomParameters(config, 6)
  const decoder = createDecoder(config, parameters, { ...letters, vocabSize: 10 }, { slots: 1, threads })
  const flat = { ...greedy, temperature: 50 }
  const sequence = decoder.add(request(Uint32Array.of(1), { maxTokens: 100, sampling: flat }))
  const ids = idsOf(await drain(decoder), sequence)
  expect(ids.length).toBe(100)
  expect(Math.max(...ids)).toBeLessThan(10)
  await decoder.close()
})

test('a request that cannot be decoded is refused with its field', async () => {
  const config = families.Llama
  const decoder = createDecoder(config, randomParameters(config, 6), letters, { slots: 1, threads })
  const refused = (change: Partial<DecodeRequest>) => {
    try {
      decoder.add(request(Uint32Array.of(1), change))
    } catch (error) {
      if (error instanceof DecodeRequestError) return error.field
      throw error
    }
    return null
  }
  expect(refused({ promptIds: new Uint32Array(0) })).toBe('promptIds')
  expect(refused({ promptIds: someIds(160, config) })).toBe('promptIds')
  expect(refused({ promptIds: Uint32Array.of(97) })).toBe('promptIds')
  expect(refused({ maxTokens: 1.5 })).toBe('maxTokens')
  expect(refused({ topLogprobs: 21 })).toBe('topLogprobs')
  expect(refused({ sampling: { ...greedy, temperature: Number.NaN } })).toBe('temperature')
  expect(refused({ sampling: { ...greedy, topP: 1.1 } })).toBe('topP')
  expect(refused({ sampling: { ...greedy, repetitionPenalty: 0 } })).toBe('repetitionPenalty')
  expect(refused({ sampling: { ...greedy, logitBias: new Map([[97, 1]]) } })).toBe('logitBias')
  expect(decoder.pending).toBe(0)
  await decoder.close()
})

test('a decoder opened from a folder says what one of the same parameters says', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'dotline-decoder-'))
  const tokenizer = characterTokenizer(['abcdefgh ijkl'], { specialTokens: ['<|end|>'] })
  const config = { ...families.Llama, vocabSize: tokenizer.vocabSize }
  const parameters = randomParameters(config, 8)
  await saveModel(folder, {
    config,
    parameters: new Map(
      parameterSpecs(config).map(({ name, shape }) => [
        name,
        { shape, data: parameters.get(name) ?? new Float32Array() },
      ]),
    ),
    tokenizerJson: JSON.stringify(tokenizer.toJson()),
    chatTemplate: null,
    specialTokens: { eos: '<|end|>', pad: '<|end|>' },
    dtype: 'f32',
  })
  const asked = request(tokenizer.encode('bad cab'), { maxTokens: 20 })
  const told: DecodeEvent[][] = []
  for (const decoder of [
    await openDecoder(folder, { slots: 2, threads }),
    createDecoder(config, parameters, tokenizer, { slots: 2, threads }),
  ]) {
    decoder.add(asked)
    told.push(await drain(decoder))
    await decoder.close()
    await expect(decoder.step()).rejects.toThrow('closed')
  }
  expect(told[0]).toEqual(told[1])
  const ids = idsOf(told[0], 0)
  expect(told[0].map((e) => e.text).join('')).toBe(tokenizer.decode(ids))
  await rm(folder, { recursive: true })
})

test('generate gives one request’s events, and leaving early cancels it', async () => {
  const config = families.Llama
  const decoder = createDecoder(config, randomParameters(config, 7), letters, { slots: 1, threads })
  const events: DecodeEvent[] = []
  for await (const event of generate(decoder, request(Uint32Array.of(5), { maxTokens: 4 }))) events.push(event)
  expect(events.map((e) => e.type)).toEqual(['token', 'token', 'token', 'token', 'end'])
  for await (const event of generate(decoder, request(Uint32Array.of(5), { maxTokens: 400 })))
    if (event.type === 'token') break
  expect(decoder.pending).toBe(0)
  await decoder.close()
})
