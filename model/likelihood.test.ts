import { expect, it, test } from 'vitest'
import { constant, input } from '#tensor/graph'
import { compile } from '#tensor/program'
import { type GptConfig, parameterSpecs } from './config.ts'
import { families, randomParameters } from './decoding/random-model.ts'
import { hiddenStates, logitsOf } from './gpt.ts'
import { createLikelihood } from './likelihood.ts'

/** log softmax of every position by the whole forward pass, in float64. */
async function reference(config: GptConfig, parameters: Map<string, Float32Array>, ids: readonly number[]) {
  const tensors = new Map(
    parameterSpecs(config).map(({ name, shape }) => [name, constant(parameters.get(name) ?? 0, shape)]),
  )
  const tokens = input('tokens', [ids.length], 'int64')
  const states = hiddenStates(config, tensors, { batch: 1, length: ids.length, tokens })
  const program = await compile({ logits: logitsOf(config, tensors, states) }, { threads: 1 })
  const { logits } = await program.run({ tokens: BigInt64Array.from(ids, BigInt) })
  await program.release()
  const rows = Array.from({ length: ids.length }, (_, i) =>
    Array.from((logits as Float32Array).subarray(i * config.vocabSize, (i + 1) * config.vocabSize)),
  )
  return (place: number, id: number, vocabulary = config.vocabSize) => {
    const row = rows[place - 1].slice(0, vocabulary)
    return row[id] - Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0))
  }
}

const beginning = [5, 17, 3, 88, 41, 9, 9, 60]
const branches = [[12, 4, 77], [31], [], [12, 4, 78, 2, 2], [90, 1]]

test.each(Object.entries(families))('%s: each branch is as likely as the whole text says', async (_, config) => {
  const parameters = randomParameters(config, 3)
  const model = await createLikelihood(config, parameters, { threads: 1 })
  const scored = await model.score(
    Uint32Array.from(beginning),
    branches.map((ids) => Uint32Array.from(ids)),
  )
  expect(scored.map((each) => each.map(({ id }) => id))).toEqual(branches)
  for (const [b, branch] of branches.entries()) {
    const logprob = await reference(config, parameters, [...beginning, ...branch])
    for (const [i, id] of branch.entries())
      expect(scored[b][i].logprob).toBeCloseTo(logprob(beginning.length + i, id), 3)
  }
  await model.close()
})

it('knows the likeliest token, cuts the vocabulary to the tokenizer, and packs many branches into several passes', async () => {
  const config = families.Llama
  const parameters = randomParameters(config, 3)
  const model = await createLikelihood(config, parameters, { threads: 1, vocabulary: 50 })
  const start = Uint32Array.from([5, 17, 3])
  const all = await model.score(
    start,
    Array.from({ length: 50 }, (_, id) => Uint32Array.from([id])),
  )
  const shares = all.map(([{ logprob }]) => Math.exp(logprob))
  expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
  expect(all.filter(([{ likeliest }]) => likeliest)).toHaveLength(1)
  expect(all.findIndex(([{ likeliest }]) => likeliest)).toBe(shares.indexOf(Math.max(...shares)))
  const long = Array.from({ length: 40 }, (_, b) => Uint32Array.from({ length: 150 }, (_, i) => (b + i) % 50))
  const together = await model.score(start, long)
  const [alone] = await model.score(start, [long[39]])
  together[39].forEach(({ logprob }, i) => expect(logprob).toBeCloseTo(alone[i].logprob, 4))
  await model.close()
})

it('refuses what it cannot score, naming the limit', async () => {
  const config = families.Llama
  const model = await createLikelihood(config, randomParameters(config, 3), { threads: 1 })
  const ids = (count: number) => new Uint32Array(count)
  await expect(model.score(ids(0), [ids(1)])).rejects.toThrow(/beginning/)
  await expect(model.score(ids(100), [ids(61)])).rejects.toThrow(/100 and 61 tokens .* window of 160/)
  await expect(model.score(ids(1), [Uint32Array.from([97])])).rejects.toThrow(/token 97/)
  await model.close()
})
