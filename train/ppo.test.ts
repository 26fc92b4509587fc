import { describe, expect, test } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { openControl } from './control.ts'
import { boxSpace } from './environment.ts'
import { type EnvironmentName, makeEnvironment } from './environments.ts'
import { end } from './ppo/ports.ts'
import { parsePpoSettings } from './ppo/settings.ts'
import { decodeSnapshot, encodeSnapshot } from './ppo/snapshot.ts'
import { type Collector, type Experience, type Learner, type Minibatch, Ppo, type PpoInput } from './ppo.ts'

const small = { iterations: 3, epochs: 2, minibatch: 24, learningRate: 1e-2, learningRateSchedule: 'linear' } as const

const open = (name: EnvironmentName, ppo: Partial<PpoInput> = {}) =>
  openControl({
    make: () => makeEnvironment(name),
    environments: 4,
    steps: 16,
    hidden: [8],
    ppo: { ...small, seed: 5, ...ppo },
  })

/** The weights and moments, as bytes. */
const weights = (ppo: Ppo): string => {
  const { arrays } = ppo.snapshot()
  return Object.values(arrays)
    .map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).toString('base64'))
    .join()
}

async function finish(ppo: Ppo): Promise<string> {
  while (!ppo.finished) await ppo.iterate()
  return weights(ppo)
}

describe.each(['CartPole-v1', 'Pendulum-v1'] as const)('on %s', (name) => {
  test('the same seed ends with the same bits, another seed with others', async () => {
    const ends: string[] = []
    for (const seed of [1, 1, 2]) {
      const { ppo, release } = await open(name, { seed })
      ends.push(await finish(ppo))
      await release()
    }
    expect(ends[1] === ends[0]).toBe(true)
    expect(ends[2] === ends[0]).toBe(false)
  })

  test('a run that was stopped anywhere ends with the same bits', async () => {
    const whole = await open(name)
    const expected = await finish(whole.ppo)
    await whole.release()
    const parts = 3 * (1 + 2 * 3)
    for (let stop = 0; stop < parts; stop += 2) {
      const first = await open(name)
      for (let i = 0; i < stop; i++) await first.ppo.advance()
      const bytes = encodeSnapshot(first.ppo.snapshot())
      await first.release()
      const second = await open(name)
      await second.ppo.advance()
      second.ppo.restore(decodeSnapshot(bytes))
      expect((await finish(second.ppo)) === expected).toBe(true)
      await second.release()
    }
  })
})

test('the parts of an iteration: a rollout, and updates that see each decision once a pass', async () => {
  const { ppo, release } = await open('CartPole-v1')
  // 64 decisions in minibatches of 24: three updates a pass, the last of 16.
  for (let i = 0; i < 6; i++) expect(await ppo.advance()).toBe(null)
  const metrics = await ppo.advance()
  expect(metrics).toMatchObject({ iteration: 1, decisions: 64, minibatches: 6, learningRate: 1e-2, stoppedByKl: false })
  expect((await ppo.iterate()).learningRate).toBeCloseTo(1e-2 * (2 / 3), 12)
  await release()
})

test('a damaged state, and one of another run, are refused', async () => {
  const { ppo, release } = await open('CartPole-v1')
  const bytes = encodeSnapshot(ppo.snapshot())
  bytes[bytes.length - 3] ^= 1
  expect(() => decodeSnapshot(bytes)).toThrow('damaged')
  const other = await open('CartPole-v1', { gamma: 0.5 })
  expect(() => ppo.restore(other.ppo.snapshot())).toThrow('other settings')
  const wider = await openControl({
    make: () => makeEnvironment('CartPole-v1'),
    environments: 4,
    steps: 16,
    ppo: { ...small, seed: 5 },
  })
  expect(() => ppo.restore(wider.ppo.snapshot())).toThrow(/values of parameters/)
  for (const each of [{ release }, other, wider]) await each.release()
})

test('settings that do not fit are named', () => {
  expect(() => parsePpoSettings({ iterations: 1, gamma: 2 })).toThrow('gamma')
  expect(() => parsePpoSettings({ iterations: 1, clipRange: 2 })).toThrow('clipRange')
  expect(() => parsePpoSettings({})).toThrow('iterations')
})

/** Six decisions in units of 1, 2 and 3; the learner writes down what it is given. */
function recorded(settings: Partial<PpoInput>, statistics: Partial<Record<'kl' | 'loss', number>> = {}) {
  const seen: Minibatch[] = []
  const updates: { learningRate: number; gradientScale: number; step: number }[] = []
  const experience: Experience = {
    count: 6,
    rewards: Float32Array.of(1, 2, 3, 4, 5, 6),
    values: new Float32Array(6),
    logProbs: new Float32Array(6),
    ends: Uint8Array.of(end.terminated, end.none, end.terminated, end.none, end.none, end.terminated),
    bootstrap: new Float32Array(6),
    units: Uint32Array.of(0, 1, 3, 6),
    columns: {},
    facts: {},
  }
  const plain = { state: () => null, restore: () => {} }
  const collector: Collector = { ...plain, collect: async () => experience }
  const zero = { loss: 0, policyLoss: 0, valueLoss: 0, entropy: 0, kl: 0, clipFraction: 0 }
  const learner: Learner = {
    ...plain,
    arrays: {},
    gradient: async (batch) => {
      seen.push(batch)
      return { statistics: { ...zero, ...statistics }, squares: 4 }
    },
    update: async (step) => {
      updates.push(step)
    },
  }
  const parsed = parsePpoSettings({ iterations: 2, epochs: 1, gamma: 1, lambda: 1, minibatch: 2, ...settings })
  return { ppo: new Ppo(parsed, { collector, learner }), seen, updates }
}

test('a unit is never torn, and its decisions stay in their order', async () => {
  const { ppo, seen } = recorded({ normalise: 'none', epochs: 4 })
  await ppo.iterate()
  expect(seen.length).toBe(8)
  const spans = [[0], [1, 2], [3, 4, 5]]
  for (const batch of seen) {
    expect([...batch.decisions]).toEqual([...batch.units].flatMap((unit) => spans[unit]))
    const returns = [1, 5, 3, 15, 11, 6]
    expect([...batch.advantages]).toEqual([...batch.decisions].map((i) => returns[i]))
    expect(batch.targets).toEqual(batch.advantages)
  }
  for (let pass = 0; pass < 4; pass++)
    expect([...seen[2 * pass].units, ...seen[2 * pass + 1].units].sort()).toEqual([0, 1, 2])
  expect(new Set(seen.map(({ units }) => units.join())).size).toBeGreaterThan(3)
})

test('advantages are normalised over a minibatch, or over a rollout', async () => {
  const deviation = (values: Iterable<number>) => {
    const all = [...values]
    const mean = all.reduce((a, b) => a + b, 0) / all.length
    return [mean, Math.sqrt(all.reduce((t, x) => t + (x - mean) ** 2, 0) / (all.length - 1))]
  }
  const each = recorded({ normalise: 'minibatch' })
  await each.ppo.iterate()
  const [mean, spread] = deviation(each.seen[0].advantages)
  expect([mean, spread - 1].every((x) => Math.abs(x) < 1e-6)).toBe(true)
  const all = recorded({ normalise: 'rollout' })
  await all.ppo.iterate()
  const [wholeMean, wholeSpread] = deviation(all.seen.flatMap(({ advantages }) => [...advantages]))
  expect([wholeMean, wholeSpread - 1].every((x) => Math.abs(x) < 1e-6)).toBe(true)
  expect(Math.abs(deviation(all.seen[0].advantages)[0])).toBeGreaterThan(0.01)
})

test('gradients are clipped, and what is annealed falls to nothing', async () => {
  const { ppo, seen, updates } = recorded({ gradientClip: 0.5, clip: 0.3, clipSchedule: 'linear', learningRate: 0.1 })
  await ppo.iterate()
  await ppo.iterate()
  expect(updates.map(({ step }) => step)).toEqual([1, 2, 3, 4])
  expect(updates.every(({ gradientScale, learningRate }) => gradientScale === 0.25 && learningRate === 0.1)).toBe(true)
  expect(seen.map(({ clip }) => clip)).toEqual([0.3, 0.3, 0.15, 0.15])
})

test('a policy that has moved too far ends the iteration without an update', async () => {
  const { ppo, updates } = recorded({ targetKl: 0.02 }, { kl: 0.031 })
  expect(await ppo.iterate()).toMatchObject({ stoppedByKl: true, minibatches: 0, iteration: 1 })
  expect(updates).toEqual([])
  const near = recorded({ targetKl: 0.02 }, { kl: 0.029 })
  expect(await near.ppo.iterate()).toMatchObject({ stoppedByKl: false, minibatches: 2 })
})

test('a loss that is no number stops the run before an update', async () => {
  const { ppo, updates } = recorded({}, { loss: Number.NaN })
  await expect(ppo.iterate()).rejects.toThrow('iteration 1, update 1: loss NaN')
  expect(updates).toEqual([])
})

test('CartPole is learned: an untrained policy falls, a trained one stands', async () => {
  const { ppo, evaluate, release } = await openControl({
    make: () => makeEnvironment('CartPole-v1'),
    environments: 8,
    steps: 32,
    ppo: {
      seed: 2,
      iterations: 80,
      minibatch: 128,
      gamma: 0.98,
      lambda: 0.8,
      clipSchedule: 'linear',
      learningRate: 2e-3,
      learningRateSchedule: 'linear',
    },
  })
  const mean = (returns: number[]) => returns.reduce((a, b) => a + b, 0) / returns.length
  const before = mean(evaluate(10, 100))
  while (!ppo.finished) await ppo.iterate()
  const after = mean(evaluate(10, 100))
  await release()
  expect(before).toBeLessThan(120)
  expect(after).toBeGreaterThan(300)
})

test('one-step rewards are learned with real actions: the mean moves to where the reward is highest', async () => {
  const random = seededRandom(1)
  const target = 0.7
  const { ppo, evaluate, release } = await openControl({
    make: () => ({
      observationSpace: boxSpace(-1, 1),
      actionSpace: boxSpace(-2, 2),
      reset: () => ({ observation: Float64Array.of(random()), info: {} }),
      step: (action) => ({
        observation: Float64Array.of(0),
        reward: -(((action as Float64Array)[0] - target) ** 2),
        terminated: true,
        truncated: false,
        info: {},
      }),
      state: () => ({}),
      restore: () => {},
    }),
    environments: 16,
    steps: 8,
    hidden: [8],
    ppo: { seed: 2, iterations: 40, epochs: 5, minibatch: 32, learningRate: 1e-2 },
  })
  const first = evaluate(1, 0)[0]
  while (!ppo.finished) await ppo.iterate()
  expect(first).toBeLessThan(-0.2)
  expect(evaluate(1, 0)[0]).toBeGreaterThan(-0.02)
  await release()
})
