/** Answers that a policy writes to many prompts at once, over the KV cache. */
import type { GptConfig } from '#model/config'
import { createDecoder } from '#model/decoder'
import { type DecodeEvent, greedy } from '#model/decoding'
import type { RolloutTask } from './messages.ts'

/** Said where the policy's logits are no numbers. */
export const noNumbers = 'the policy computes no numbers, so it cannot answer'

const nothing = new Uint8Array(0)
/** Tokens are all that is wanted: no text is put together. */
const silent = (vocabSize: number) => ({ tokenBytes: () => nothing, vocabSize })

/** The tokens of each answer, the one that ends it among them where it was said. The same task gives the same answers. */
export async function writeAnswers(
  config: GptConfig,
  weights: ReadonlyMap<string, Float32Array>,
  { prompts, maxTokens, temperature, slots, endId, vocabulary }: RolloutTask,
  threads: number,
): Promise<Uint32Array[]> {
  // A decoder of its own: how wide its cache is decides the last bits of a sum, and must not hang on what came before.
  const decoder = createDecoder(config, weights, silent(vocabulary), { slots, threads })
  const answers: number[][] = prompts.map(() => [])
  const place = new Map<number, number>()
  for (const [i, { ids, seed }] of prompts.entries()) {
    const sampling = { ...greedy, temperature, seed }
    const asked = { promptIds: ids, maxTokens, sampling, stop: [], stopIds: [endId], topLogprobs: null }
    place.set(decoder.add(asked), i)
  }
  const take = (event: DecodeEvent) => {
    const answer = answers[place.get(event.sequence) ?? 0]
    if (event.type === 'token') answer.push(event.id)
    else if (event.finishReason === 'failed') throw new Error(noNumbers)
    else if (event.finishReason === 'stop') answer.push(endId)
  }
  try {
    while (decoder.pending > 0) for (const event of await decoder.step()) take(event)
  } finally {
    await decoder.close()
  }
  return answers.map((ids) => Uint32Array.from(ids))
}
