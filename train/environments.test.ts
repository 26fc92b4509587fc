import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { contains, type Environment, EnvironmentError } from './environment.ts'
import { Pcg64 } from './environments/pcg64.ts'
import { type EnvironmentName, environmentNames, makeEnvironment } from './environments.ts'

/** An episode of Gymnasium's, as trials/peers/check-environments.ts stores it: states and rewards near both ends. */
interface Stored {
  name: EnvironmentName
  seed: number
  actions: number[]
  length: number
  total: number
  terminated: boolean
  truncated: boolean
  states: Record<string, number[]>
  rewards: Record<string, number>
}

const episodes = readFileSync(new URL('./environments/episodes.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Stored => JSON.parse(line))

const physical = (environment: Environment) => environment.state().physical as number[]
const given = (name: EnvironmentName, action: number) => (name === 'Pendulum-v1' ? Float64Array.of(action) : action)

function farthest(ours: readonly number[], theirs: readonly number[]): number {
  expect(ours.length).toBe(theirs.length)
  return Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]) / (1 + Math.abs(theirs[i]))))
}

describe.each(environmentNames)('%s, as Gymnasium played it', (name) => {
  const mine = episodes.filter((each) => each.name === name)

  test('begins where the same seed begins', () => {
    expect(mine.length).toBeGreaterThan(3)
    for (const { seed, states } of mine) {
      const environment = makeEnvironment(name)
      environment.reset(seed)
      expect(physical(environment)).toEqual(states[0])
    }
  })

  test('makes each step from a state to the next, and pays for it', () => {
    let steps = 0
    for (const { seed, actions, states, rewards } of mine) {
      const environment = makeEnvironment(name)
      environment.reset(seed)
      for (const [i, action] of actions.entries()) {
        if (!states[i] || !states[i + 1]) continue
        environment.restore({ ...environment.state(), physical: states[i], running: true })
        const { reward } = environment.step(given(name, action))
        expect(farthest(physical(environment), states[i + 1])).toBeLessThan(1e-13)
        expect(Math.abs(reward - rewards[i + 1])).toBeLessThan(1e-12)
        steps++
      }
    }
    expect(steps).toBeGreaterThan(100)
  })

  test('plays the first steps in a row alike, and ends alike', () => {
    for (const { seed, actions, states, ...end } of mine) {
      const environment = makeEnvironment(name)
      environment.reset(seed)
      let total = 0
      for (const [i, action] of actions.slice(0, end.length).entries()) {
        const step = environment.step(given(name, action))
        total += step.reward
        if (i < 25) expect(farthest(physical(environment), states[i + 1])).toBeLessThan(1e-11)
        expect(contains(environment.observationSpace, step.observation)).toBe(true)
        const last = i + 1 === end.length
        expect([step.terminated, step.truncated]).toEqual([last && end.terminated, last && end.truncated])
      }
      expect(Math.abs(total - end.total)).toBeLessThan(1e-6 * Math.abs(end.total))
      expect(() => environment.step(given(name, 0))).toThrow('call reset first')
    }
  })

  test('goes on bit for bit from a state that went through JSON', () => {
    const environment = makeEnvironment(name)
    const play = (of: Environment) => {
      const seen: number[] = []
      for (let i = 0; i < 700; i++) {
        const step = of.step(given(name, i % 2))
        seen.push(...step.observation, step.reward)
        if (step.terminated || step.truncated) seen.push(...of.reset().observation)
      }
      return seen
    }
    environment.reset(11)
    environment.step(given(name, 1))
    const state = JSON.parse(JSON.stringify(environment.state()))
    const expected = play(environment)
    const other = makeEnvironment(name)
    other.restore(state)
    expect(play(other)).toEqual(expected)
  })
})

test('episodes end in both ways, after the published limits', () => {
  const cut = (name: EnvironmentName) => episodes.find((each) => each.name === name && each.truncated)?.length
  expect([cut('CartPole-v1'), cut('Acrobot-v1'), cut('Pendulum-v1')]).toEqual([500, 500, 200])
  expect(episodes.some((each) => each.name === 'CartPole-v1' && each.terminated)).toBe(true)
  expect(episodes.some((each) => each.name === 'Acrobot-v1' && each.terminated)).toBe(true)
})

test('what may not be is refused by name', () => {
  const environment = makeEnvironment('CartPole-v1')
  expect(() => environment.step(0)).toThrow('call reset first')
  environment.reset(1)
  expect(() => environment.step(2)).toThrow('the action 2 is not in 0..1')
  expect(() => environment.reset(-1)).toThrow('the seed is -1')
  expect(() => environment.restore({})).toThrow(EnvironmentError)
  expect(() => makeEnvironment('Chess-v1' as EnvironmentName)).toThrow('there is no "Chess-v1"; there is CartPole-v1')
  const pendulum = makeEnvironment('Pendulum-v1')
  pendulum.reset(1)
  expect(() => pendulum.step(Float64Array.of(Number.NaN))).toThrow(EnvironmentError)
})

test('NumPy: default_rng(seed).random() and .uniform(-2, 5)', () => {
  const first = (seed: number) => {
    const random = new Pcg64(seed)
    return [random.next(), random.next(), random.uniform(-2, 5)]
  }
  expect(first(0)).toEqual([0.6369616873214543, 0.2697867137638703, -1.713185332446637])
  expect(first(2 ** 40 + 12345)).toEqual([0.19012355322595598, 0.8023024059745182, -0.9564119422953439])
})
