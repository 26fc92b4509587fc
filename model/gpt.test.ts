import { expect, test } from 'vitest'
import { add } from '#tensor/elementwise'
import { grad } from '#tensor/grad'
import { input } from '#tensor/graph'
import { difference, type Feeds, runtimeDifference, slopeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import type { GptConfig } from './config.ts'
import { families, randomParameters } from './decoding/random-model.ts'
import { hiddenStates, languageLoss, logitsOf, parameterInputs, type Sequences } from './gpt.ts'

const batch = 2
const length = 6
const rows = batch * length

/** The same families, small enough for the reference. */
const tiny = (config: GptConfig): GptConfig => ({
  ...config,
  vocabSize: 13,
  contextLength: 8,
  width: 8,
  heads: 4,
  kvHeads: config.kvHeads < config.heads ? 2 : 4,
  headWidth: config.qkNorm ? 4 : 2,
  hidden: 10,
})

/** Random weights, tokens and targets; the first row holds two documents. */
function given(config: GptConfig, seed: number): Feeds {
  const feeds: Record<string, Feeds[string]> = {
    tokens: BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 5 + seed) % config.vocabSize)),
    targets: BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 7 + seed + 3) % config.vocabSize)),
    weights: Float64Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 0 : 1 / 8)),
    positions: BigInt64Array.of(0n, 1n, 0n, 1n, 2n, 3n, 0n, 1n, 2n, 3n, 4n, 5n),
    documents: BigInt64Array.of(0n, 0n, 1n, 1n, 1n, 1n, 2n, 2n, 2n, 2n, 2n, 2n),
  }
  for (const [name, values] of randomParameters(config, seed)) feeds[name] = Float64Array.from(values)
  return feeds
}

const sequences = (packed: boolean): Sequences => ({
  batch,
  length,
  tokens: input('tokens', [rows], 'int64'),
  ...(packed && {
    positions: input('positions', [batch, length], 'int64'),
    documents: input('documents', [batch, length], 'int64'),
  }),
})

const cases = Object.entries(families).flatMap(([family, config]) =>
  [false, true].map(
    (packed) => [family, packed ? 'documents packed in a row' : 'one document a row', config, packed] as const,
  ),
)

test.each(cases)(
  '%s, %s: loss and every gradient, against the reference and its differences',
  async (_f, _p, family, packed) => {
    const config = tiny(family)
    const parameters = parameterInputs(config)
    const feeds = given(config, 3)
    const { loss, nll } = languageLoss(
      config,
      parameters,
      sequences(packed),
      input('targets', [rows], 'int64'),
      input('weights', [rows]),
    )
    const sources = [...parameters.values()]
    // As a training step has them: added to what has been gathered before.
    const gathered = grad(loss, sources).map((g, i) => add(input(`a.${sources[i].node.name}`, g.shape), g))
    const before = Object.fromEntries(sources.map((p) => [`a.${p.node.name}`, new Float64Array(p.size).fill(0.5)]))
    expect(await runtimeDifference([loss, nll, ...gathered], { ...feeds, ...before })).toBeLessThan(2e-5)
    expect(slopeDifference(loss, sources, feeds)).toBeLessThan(1e-6)
  },
)

test.each(Object.entries(families))('%s: a document packed behind another reads as it does alone', (_name, family) => {
  const config = tiny(family)
  const parameters = parameterInputs(config)
  const feeds = given(config, 5)
  const packed = hiddenStates(config, parameters, sequences(true))
  const [logits] = evaluate([logitsOf(config, parameters, packed)], feeds)
  const alone = { batch: 1, length: 4, tokens: input('tokens', [4], 'int64') }
  const [expected] = evaluate([logitsOf(config, parameters, hiddenStates(config, parameters, alone))], {
    ...feeds,
    tokens: (feeds.tokens as BigInt64Array).slice(2, 6),
  })
  const { vocabSize } = config
  expect(difference(logits.slice(2 * vocabSize, 6 * vocabSize), expected)).toBeLessThan(1e-9)
})

test('no token sees what comes after it', () => {
  const config = tiny(families.Llama)
  const parameters = parameterInputs(config)
  const states = hiddenStates(config, parameters, sequences(false))
  const feeds = given(config, 7)
  const [before] = evaluate([states], feeds)
  const tokens = (feeds.tokens as BigInt64Array).slice()
  tokens[4] = (tokens[4] + 1n) % 13n
  const [after] = evaluate([states], { ...feeds, tokens })
  expect(after.slice(0, 4 * config.width)).toEqual(before.slice(0, 4 * config.width))
  expect(
    difference(after.slice(4 * config.width, 5 * config.width), before.slice(4 * config.width, 5 * config.width)),
  ).toBeGreaterThan(1e-3)
})

test('a parameter that is not given is named', () => {
  const config = tiny(families.Llama)
  const parameters = new Map(parameterInputs(config))
  parameters.delete('model.norm.weight')
  expect(() => hiddenStates(config, parameters, sequences(false))).toThrow('"model.norm.weight"')
})
