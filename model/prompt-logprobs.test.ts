import { expect, it } from 'vitest'
import { createDecoder } from './decoder.ts'
import { families, letters, randomParameters } from './decoding/random-model.ts'
import { type DecodeEvent, type DecodeRequest, greedy, type TokenEvent } from './decoding.ts'
import { createLikelihood } from './likelihood.ts'

const config = families.Llama
const parameters = randomParameters(config, 5)
const ids = (count: number, seed: number) =>
  Uint32Array.from({ length: count }, (_, i) => (i * i * 7 + seed * 31 + i) % 97)

function request(promptIds: Uint32Array, change: Partial<DecodeRequest> = {}): DecodeRequest {
  return {
    promptIds,
    maxTokens: 3,
    sampling: greedy,
    stop: [],
    stopIds: [],
    topLogprobs: 2,
    promptLogprobs: true,
    ...change,
  }
}

async function drain(decoder: ReturnType<typeof createDecoder>): Promise<DecodeEvent[]> {
  const events: DecodeEvent[] = []
  while (decoder.pending > 0) events.push(...(await decoder.step()))
  return events
}
const tokensOf = (events: DecodeEvent[], sequence: number) =>
  events.filter((event): event is TokenEvent => event.type === 'token' && event.sequence === sequence)

it('reports how likely each token of a prompt was, in chunks, beside others, and beside prompts that are kept', async () => {
  const decoder = createDecoder(config, parameters, letters, { slots: 4, threads: 1, prefixBytes: 2 ** 20 })
  const prompts = [ids(150, 1), ids(9, 2), ids(1, 3), ids(40, 4)]
  decoder.add(request(prompts[0], { promptLogprobs: false }))
  await drain(decoder)
  const sequences = prompts.map((prompt) => decoder.add(request(prompt)))
  const plain = decoder.add(request(prompts[1], { promptLogprobs: false }))
  const events = await drain(decoder)
  const model = await createLikelihood(config, parameters, { threads: 1 })
  for (const [i, prompt] of prompts.entries()) {
    const [first, ...rest] = tokensOf(events, sequences[i])
    expect(rest.some((token) => token.prompt)).toBe(false)
    expect(first.prompt?.map(({ id }) => id)).toEqual([...prompt])
    const [scored] = await model.score(prompt.subarray(0, 1), [prompt.subarray(1)])
    expect(first.prompt?.[0]).toMatchObject({ logprob: null, top: [] })
    for (const [at, { logprob, likeliest }] of scored.entries()) {
      const token = first.prompt?.[at + 1]
      expect(token?.logprob).toBeCloseTo(logprob, 4)
      expect(token?.top).toHaveLength(2)
      expect(token?.top[0].id === token?.id).toBe(likeliest)
    }
  }
  expect(tokensOf(events, plain).map(({ id }) => id)).toEqual(tokensOf(events, sequences[1]).map(({ id }) => id))
  expect(tokensOf(events, plain)[0].prompt).toBeUndefined()
  await model.close()
  await decoder.close()
})

it('reports a first token that ends the answer too, as what was asked for comes with it', async () => {
  const decoder = createDecoder(config, parameters, letters, { slots: 1, threads: 1 })
  const prompt = ids(12, 1)
  const free = decoder.add(request(prompt))
  const [first] = tokensOf(await drain(decoder), free)
  const stopped = decoder.add(request(prompt, { stopIds: [first.id] }))
  const events = await drain(decoder)
  expect(tokensOf(events, stopped)).toMatchObject([{ id: first.id, text: '', logprob: { id: first.id } }])
  expect(tokensOf(events, stopped)[0].prompt).toHaveLength(12)
  expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'stop', text: '', completionTokens: 1 })
  const silent = decoder.add(request(prompt, { stopIds: [first.id], promptLogprobs: false }))
  expect(tokensOf(await drain(decoder), silent)).toEqual([])
  await decoder.close()
})
