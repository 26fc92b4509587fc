import { expect, test } from 'vitest'
import { boxSpace, discreteSpace, type Environment, type Step } from './environment.ts'
import { makeEnvironment } from './environments.ts'
import { VectorEnvironment } from './vector-environment.ts'

/** Counts up from its seed; a 1 ends it, and the fourth step cuts it. */
class Counter implements Environment<Float64Array, number> {
  readonly observationSpace = boxSpace(0, Infinity, [1])
  readonly actionSpace = discreteSpace(2)
  private at = 0
  private steps = 0
  private seed = 0
  reset(seed?: number) {
    if (seed !== undefined) this.seed = seed
    this.at = this.seed
    this.steps = 0
    return { observation: Float64Array.of(this.at), info: {} }
  }
  step(action: number): Step<Float64Array> {
    this.at++
    this.steps++
    const truncated = this.steps === 4
    return { observation: Float64Array.of(this.at), reward: this.at, terminated: action === 1, truncated, info: {} }
  }
  state() {
    return { at: this.at, steps: this.steps, seed: this.seed }
  }
  restore(state: ReturnType<Counter['state']>) {
    Object.assign(this, state)
  }
}

test('an ended episode begins again in the same step, and what it showed last is kept', () => {
  const environments = new VectorEnvironment(() => new Counter() as unknown as Environment, 2)
  expect([...environments.reset(10)]).toEqual([10, 11])
  const first = environments.step([0, 1])
  expect([...first.observations]).toEqual([11, 11])
  expect([...first.rewards]).toEqual([11, 12])
  expect([[...first.terminated], [...first.truncated]]).toEqual([
    [0, 1],
    [0, 0],
  ])
  expect(first.finals).toEqual([null, Float64Array.of(12)])
  expect(first.episodes).toEqual([{ total: 12, length: 1 }])
  environments.step([0, 0])
  environments.step([0, 0])
  const cut = environments.step([0, 0])
  expect([[...cut.terminated], [...cut.truncated]]).toEqual([
    [0, 0],
    [1, 0],
  ])
  expect(cut.finals).toEqual([Float64Array.of(14), null])
  expect(cut.episodes).toEqual([{ total: 11 + 12 + 13 + 14, length: 4 }])
  expect([...environments.observe()]).toEqual([10, 14])
})

test('each environment plays as it does alone, with its own seed', () => {
  const together = new VectorEnvironment(() => makeEnvironment('CartPole-v1'), 3)
  const alone = [5, 6, 7].map((seed) => {
    const environment = makeEnvironment('CartPole-v1')
    return { environment, observation: environment.reset(seed).observation }
  })
  expect([...together.reset(5)]).toEqual(alone.flatMap(({ observation }) => [...observation]))
  for (let i = 0; i < 100; i++) {
    const actions = [i % 2, 1, (i >> 1) % 2]
    const { observations, episodes } = together.step(actions)
    let ended = 0
    for (const [k, one] of alone.entries()) {
      const step = one.environment.step(actions[k])
      ended += Number(step.terminated)
      one.observation = step.terminated ? one.environment.reset().observation : step.observation
    }
    expect([...observations]).toEqual(alone.flatMap(({ observation }) => [...observation]))
    expect(episodes.length).toBe(ended)
  }
})

test('goes on bit for bit from a state that went through JSON', () => {
  const make = () => new VectorEnvironment(() => makeEnvironment('Acrobot-v1'), 2)
  const environments = make()
  environments.reset(3)
  for (let i = 0; i < 10; i++) environments.step([0, 2])
  const other = make()
  other.restore(JSON.parse(JSON.stringify(environments.state())))
  for (let i = 0; i < 600; i++) expect(other.step([i % 3, 1])).toEqual(environments.step([i % 3, 1]))
})

test('what does not fit is refused by name', () => {
  const environments = new VectorEnvironment(() => makeEnvironment('CartPole-v1'), 2)
  environments.reset(1)
  expect(() => environments.step([0])).toThrow('1 actions for 2 environments')
  expect(() => new VectorEnvironment(() => makeEnvironment('CartPole-v1'), 0)).toThrow('count is 0')
  const more = new VectorEnvironment(() => makeEnvironment('CartPole-v1'), 3)
  expect(() => more.restore(environments.state())).toThrow('the state holds 2 environments, there are 3')
})
