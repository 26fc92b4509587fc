/** The core with a language: a state is the prompt and the tokens so far, an action is a token, a unit is an answer. */
import { expect, test } from 'vitest'
import { mix, seededRandom } from '#data/shuffle'
import { grad } from '#tensor/grad'
import { input } from '#tensor/graph'
import { gatherRows } from '#tensor/indexing'
import { compile } from '#tensor/program'
import { reshape } from '#tensor/reshape'
import { Ppo } from '../ppo.ts'
import { categorical } from './distributions.ts'
import { ppoLoss } from './loss.ts'
import { type Collector, type Experience, end, type Learner, type Minibatch } from './ports.ts'
import { parsePpoSettings } from './settings.ts'

const letters = 4
const stop = letters
const vocabulary = letters + 1
const longest = 4
const states = letters * longest
const answersEach = 32

/** To a prompt of one letter, the right answer is that letter, the next one, and a stop. */
const right = (prompt: number, place: number) => (place === 2 ? stop : (prompt + place) % letters)

/** Logits of a token in each state, and the state's value: no network, so that nothing but the core is tested. */
const tables = { logits: new Float32Array(states * vocabulary), values: new Float32Array(states) }

function logProbabilities(state: number): number[] {
  const logits = [...tables.logits.subarray(state * vocabulary, (state + 1) * vocabulary)]
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
  return logits.map((logit) => logit - total)
}

class Answers implements Collector {
  private readonly seed: number

  constructor(seed: number) {
    this.seed = seed
  }

  async collect(iteration: number): Promise<Experience> {
    const random = seededRandom(mix(this.seed, iteration))
    const seen: { state: number; token: number; reward: number; value: number; logProb: number; after: number }[] = []
    const units = [0]
    let total = 0
    for (let answer = 0; answer < answersEach; answer++) {
      const prompt = answer % letters
      for (let place = 0, after: number = end.none; after === end.none; place++) {
        const state = prompt * longest + place
        const logp = logProbabilities(state)
        let [token, left] = [0, random()]
        while (token < stop && (left -= Math.exp(logp[token])) > 0) token++
        const reward = token === right(prompt, place) ? 1 : 0
        after = token === stop ? end.terminated : place + 1 === longest ? end.cut : end.none
        seen.push({ state, token, reward, value: tables.values[state], logProb: logp[token], after })
        total += reward
      }
      units.push(seen.length)
    }
    return {
      count: seen.length,
      rewards: Float32Array.from(seen, (s) => s.reward),
      values: Float32Array.from(seen, (s) => s.value),
      logProbs: Float32Array.from(seen, (s) => s.logProb),
      ends: Uint8Array.from(seen, (s) => s.after),
      bootstrap: new Float32Array(seen.length),
      units: Uint32Array.from(units),
      columns: { states: Int32Array.from(seen, (s) => s.state), tokens: Int32Array.from(seen, (s) => s.token) },
      facts: { meanReturn: total / answersEach },
    }
  }

  state() {
    return null
  }

  restore() {}
}

/** Plain gradient descent on both tables; answers have different lengths, so a minibatch is filled up to the longest. */
async function tableLearner(answers: number): Promise<Learner> {
  const rows = answers * longest
  const logits = input('logits', [states, vocabulary])
  const values = input('values', [states, 1])
  const at = input('states', [rows], 'int64')
  const column = (name: string) => input(name, [rows])
  const terms = categorical(gatherRows(logits, at), input('tokens', [rows], 'int64'))
  const value = reshape(gatherRows(values, at), [rows])
  const given = {
    oldLogProb: column('oldLogProb'),
    oldValue: column('oldValue'),
    advantage: column('advantage'),
    target: column('target'),
    weight: column('weight'),
  }
  const options = { clip: input('clip', []), valueClip: 0.5, valueWeight: 0.5, entropyWeight: 0.01 }
  const { loss, statistics } = ppoLoss({ ...terms, ...given, value }, options)
  const [dLogits, dValues] = grad(loss, [logits, values])
  const program = await compile({ dLogits, dValues, statistics })
  let found: Record<string, Float32Array> = {}
  return {
    arrays: tables,
    state: () => null,
    restore: () => {},
    gradient: async ({ experience, decisions, advantages, targets, clip }: Minibatch) => {
      const filled = (f: (row: number) => number) =>
        Float32Array.from({ length: rows }, (_, row) => (row < decisions.length ? f(row) : 0))
      const whole = (name: string) =>
        BigInt64Array.from(
          filled((row) => experience.columns[name][decisions[row]]),
          (value) => BigInt(value),
        )
      found = (await program.run({
        logits: tables.logits,
        values: tables.values,
        states: whole('states'),
        tokens: whole('tokens'),
        oldLogProb: filled((row) => experience.logProbs[decisions[row]]),
        oldValue: filled((row) => experience.values[decisions[row]]),
        advantage: filled((row) => advantages[row]),
        target: filled((row) => targets[row]),
        weight: filled(() => 1 / decisions.length),
        clip: Float32Array.of(clip),
      })) as Record<string, Float32Array>
      const [lossValue, policyLoss, valueLoss, entropy, kl, clipFraction] = found.statistics
      const squares = [...found.dLogits, ...found.dValues].reduce((sum, g) => sum + g * g, 0)
      return { statistics: { loss: lossValue, policyLoss, valueLoss, entropy, kl, clipFraction }, squares }
    },
    update: async ({ learningRate, gradientScale }) => {
      for (const [table, gradient] of [
        [tables.logits, found.dLogits],
        [tables.values, found.dValues],
      ])
        for (let i = 0; i < table.length; i++) table[i] -= learningRate * gradientScale * gradient[i]
    },
  }
}

test('learns to answer each prompt in whole, from rewards for single tokens', async () => {
  const settings = parsePpoSettings({
    seed: 4,
    iterations: 60,
    epochs: 4,
    minibatch: 8,
    gamma: 1,
    lambda: 0.95,
    normalise: 'rollout',
    learningRate: 1,
    gradientClip: 10,
  })
  const ppo = new Ppo(settings, { collector: new Answers(settings.seed), learner: await tableLearner(8) })
  const first = await ppo.iterate()
  let last = first
  while (!ppo.finished) last = await ppo.iterate()
  expect(first.facts.meanReturn).toBeLessThan(1)
  expect(last.facts.meanReturn).toBeGreaterThan(2.5)
  expect(last.entropy).toBeLessThan(first.entropy)
  const likeliest = (prompt: number, place: number) => {
    const logp = logProbabilities(prompt * longest + place)
    return logp.indexOf(Math.max(...logp))
  }
  for (let prompt = 0; prompt < letters; prompt++)
    expect([0, 1, 2].map((place) => likeliest(prompt, place))).toEqual([0, 1, 2].map((place) => right(prompt, place)))
})
