/** Losses of a policy and of a value model through whole small models, against float64 and the equations written out. */
import { expect, test } from 'vitest'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { hiddenStates, logitsOf } from '#model/gpt'
import { rewardHead, rewardSpecs } from '#model/reward'
import { grad } from '#tensor/grad'
import { input } from '#tensor/graph'
import { difference, type Feeds, randomNumbers, runtimeDifference, slopeDifference } from '#tensor/oracle'
import { evaluate } from '#tensor/reference'
import { actorExpressions, actorStatistics, criticExpressions, textExpressions } from './reinforcement.ts'

const shape = { vocabSize: 11, contextLength: 8, layers: 1, width: 8, heads: 2, kvHeads: 1, headWidth: 4, hidden: 10 }
const config: GptConfig = { ...presets.starter, ...shape, dropout: 0 }
const of = { batch: 2, length: 5, tokens: input('tokens', [10], 'int64') }
const random = randomNumbers(5)
const real = (count: number, from = -1, to = 1) =>
  Float64Array.from({ length: count }, () => from + (to - from) * random())
const inputs = (specs: ReturnType<typeof parameterSpecs>, prefix = '') =>
  new Map(specs.map(({ name, shape }) => [name, input(prefix + name, shape)]))
const weights = (specs: ReturnType<typeof parameterSpecs>, prefix = ''): Feeds =>
  Object.fromEntries(specs.map(({ name, shape }) => [prefix + name, real(shape.reduce((a, b) => a * b, 1))]))

const places = [1, 2, 6, 8, 0]
const actions = [3, 10, 0, 7, 0]
const weight = Float64Array.of(0.25, 0.25, 0.25, 0.25, 0)
const common: Feeds = {
  tokens: BigInt64Array.from({ length: 10 }, (_, i) => BigInt((i * 7) % 11)),
  places: BigInt64Array.from(places, BigInt),
  actions: BigInt64Array.from(actions, BigInt),
  weight,
}

/** log softmax of a row of logits, by hand. */
function logSoftmaxOf(logits: ArrayLike<number>, row: number, temperature: number): number[] {
  const own = Array.from({ length: 11 }, (_, id) => logits[row * 11 + id] / temperature)
  const total = Math.log(own.reduce((sum, logit) => sum + Math.exp(logit), 0))
  return own.map((logit) => logit - total)
}

test.each([
  ['clipped', 1, 0, 0],
  ['clipped', 0.7, 0.05, 0.3],
  ['likelihood', 1, 0, 0],
] as const)(
  'a policy’s loss (%s, temperature %d): values, loss and gradients',
  async (loss, temperature, entropyWeight, klWeight) => {
    const specs = parameterSpecs(config)
    const both = { parameters: inputs(specs), reference: inputs(specs, 'reference.') }
    const objective = { kind: 'actor', loss, temperature, entropyWeight, klWeight, places: 5 } as const
    const made = actorExpressions(config, both, of, objective)
    const feeds: Record<string, Feeds[string]> = { ...common, ...weights(specs), ...weights(specs, 'reference.') }
    const [values] = evaluate([made.values], feeds)
    const states = [both.parameters, both.reference].map((p) => logitsOf(config, p, hiddenStates(config, p, of)))
    const [own, reference] = evaluate(states, feeds)
    const rows = places.map((place) => logSoftmaxOf(own, place, temperature))
    const beside = places.map((place) => logSoftmaxOf(reference, place, temperature))
    const logProbs = rows.map((row, i) => row[actions[i]])
    const entropies = rows.map((row) => -row.reduce((sum, logp) => sum + Math.exp(logp) * logp, 0))
    expect(difference(values, [...logProbs, ...entropies, ...beside.map((row, i) => row[actions[i]])])).toBeLessThan(
      1e-6,
    )

    feeds.oldLogProb = Float64Array.from(logProbs, (logp) => logp + 0.5 * (random() - 0.5))
    feeds.referenceLogProb = Float64Array.from(beside, (row, i) => row[actions[i]])
    feeds.advantage = real(5)
    feeds.clip = Float64Array.of(0.1)
    const total = (f: (i: number) => number) => weight.reduce((sum, w, i) => sum + w * f(i), 0)
    const old = feeds.oldLogProb as Float64Array
    const ratio = (i: number) => Math.exp(logProbs[i] - old[i])
    const held = (i: number) => Math.min(1.1, Math.max(0.9, ratio(i)))
    const a = feeds.advantage as Float64Array
    const policy =
      loss === 'clipped' ? -total((i) => Math.min(ratio(i) * a[i], held(i) * a[i])) : -total((i) => logProbs[i])
    const apart = (i: number) => beside[i][actions[i]] - logProbs[i]
    const referenceKl = total((i) => Math.exp(apart(i)) - apart(i) - 1)
    const entropy = total((i) => entropies[i])
    const kl = total((i) => ratio(i) - 1 - Math.log(ratio(i)))
    const outside = total((i) => Number(Math.abs(ratio(i) - 1) > 0.1))
    const expected = [
      policy - entropyWeight * entropy + klWeight * referenceKl,
      policy,
      kl,
      entropy,
      outside,
      referenceKl,
      0,
    ]
    expect(difference(evaluate([made.statistics], feeds)[0], expected)).toBeLessThan(1e-6)
    expect(expected).toHaveLength(actorStatistics.length)

    const sources = [...both.parameters.values()]
    expect(slopeDifference(made.loss, sources, feeds)).toBeLessThan(1e-6)
    expect(await runtimeDifference([made.statistics, made.values, ...grad(made.loss, sources)], feeds)).toBeLessThan(
      1e-4,
    )
  },
)

test('text that is mixed in: its loss alone, as the last of the statistics', async () => {
  const parameters = inputs(parameterSpecs(config))
  const targets = input('targets', [10], 'int64')
  const made = textExpressions(config, parameters, { ...of, targets, weights: input('weights', [10]) })
  const feeds: Feeds = {
    ...common,
    ...weights(parameterSpecs(config)),
    weights: real(10, 0, 1),
    targets: common.tokens,
  }
  const [said, loss] = evaluate([made.statistics, made.loss], feeds)
  expect([...said]).toEqual([0, 0, 0, 0, 0, 0, loss[0]])
  expect(slopeDifference(made.loss, [...parameters.values()], feeds)).toBeLessThan(1e-6)
})

test.each([null, 0.2])('a value model’s loss (clip %s): values, rewards, loss and gradients', async (valueClip) => {
  const specs = rewardSpecs(config)
  const both = { parameters: inputs(specs), reference: inputs(specs, 'reference.') }
  const objective = { kind: 'critic', valueClip, judged: true, places: 5, answers: 2 } as const
  const made = criticExpressions(config, both, of, objective)
  const feeds: Record<string, Feeds[string]> = { ...common, ...weights(specs), ...weights(specs, 'reference.') }
  feeds.ends = BigInt64Array.of(3n, 9n)
  const [own, reference] = evaluate(
    [hiddenStates(config, both.parameters, of), hiddenStates(config, both.reference, of)],
    feeds,
  )
  const read = (states: ArrayLike<number>, name: string, row: number) =>
    (feeds[name] as Float64Array).reduce((sum, w, i) => sum + w * states[row * 8 + i], 0)
  const values = places.map((place) => read(own, rewardHead, place))
  const rewards = [3, 9].map((place) => read(reference, `reference.${rewardHead}`, place))
  expect(difference(evaluate([made.values], feeds)[0], [...values, ...rewards])).toBeLessThan(1e-6)

  feeds.oldValue = Float64Array.from(values, (value) => value + 0.8 * (random() - 0.5))
  feeds.target = real(5)
  const old = feeds.oldValue as Float64Array
  const target = feeds.target as Float64Array
  const error = (i: number) => {
    const free = (values[i] - target[i]) ** 2
    if (valueClip === null) return free
    const moved = old[i] + Math.min(valueClip, Math.max(-valueClip, values[i] - old[i]))
    return Math.max(free, (moved - target[i]) ** 2)
  }
  const expected = weight.reduce((sum, w, i) => sum + w * error(i), 0)
  expect(difference(evaluate([made.loss], feeds)[0], [expected])).toBeLessThan(1e-6)
  const sources = [...both.parameters.values()]
  expect(slopeDifference(made.loss, sources, feeds)).toBeLessThan(1e-6)
  expect(await runtimeDifference([made.loss, made.values, ...grad(made.loss, sources)], feeds)).toBeLessThan(1e-4)
})
