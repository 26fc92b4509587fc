/** Answers that a policy writes to many prompts at once, over the KV cache. */
import type { GptConfig } from '#model/config'
import { type ChangingDecoder, createChangingDecoder } from '#model/decoder'
import { type DecodeEvent, greedy } from '#model/decoding'
import type { RolloutTask } from './messages.ts'

/** Said where the policy's logits are no numbers. */
export const noNumbers = 'the policy computes no numbers, so it cannot answer'

const nothing = new Uint8Array(0)
/** Tokens are all that is wanted: no text is put together. */
const silent = (vocabSize: number) => ({ tokenBytes: () => nothing, vocabSize })

/** A decoder and how many answers it writes at once: compiled for the first rollout, given the newest weights for the others. */
let held: { decoder: ChangingDecoder; slots: number } | null = null

async function decoderOf(
  config: GptConfig,
  weights: ReadonlyMap<string, Float32Array>,
  { slots, vocabulary }: RolloutTask,
  threads: number,
): Promise<ChangingDecoder> {
  if (held?.slots === slots) {
    held.decoder.renew(weights)
    return held.decoder
  }
  await held?.decoder.close()
  const decoder = createChangingDecoder(config, weights, silent(vocabulary), { slots, threads })
  held = { decoder, slots }
  return decoder
}

/**
 * The tokens of each answer, the one that ends it among them where it was said. The same task gives the same answers. All
 * calls in a thread are of one model, whose weights change between them.
 */
export async function writeAnswers(
  config: GptConfig,
  weights: ReadonlyMap<string, Float32Array>,
  task: RolloutTask,
  threads: number,
): Promise<Uint32Array[]> {
  const { prompts, maxTokens, temperature, endId } = task
  const decoder = await decoderOf(config, weights, task, threads)
  const answers: number[][] = prompts.map(() => [])
  const place = new Map<number, number>()
  const take = (event: DecodeEvent) => {
    const answer = answers[place.get(event.sequence) ?? 0]
    if (event.type === 'token') answer.push(event.id)
    else if (event.finishReason === 'failed') throw new Error(noNumbers)
    else if (event.finishReason === 'stop') answer.push(endId)
  }
  try {
    for (const [i, { ids, seed }] of prompts.entries()) {
      const sampling = { ...greedy, temperature, seed }
      const asked = { promptIds: ids, maxTokens, sampling, stop: [], stopIds: [endId], topLogprobs: null }
      place.set(decoder.add(asked), i)
    }
    while (decoder.pending > 0) for (const event of await decoder.step()) take(event)
    // How wide a cache is decides the last bits of a sum, and must not hang on what came before.
    decoder.rest()
  } catch (error) {
    held = null
    await decoder.close()
    throw error
  }
  return answers.map((ids) => Uint32Array.from(ids))
}
