/** Several copies of an environment, stepped together: observations as one array, finished episodes begun again. */
import {
  type BoxSpace,
  type Environment,
  EnvironmentError,
  type EnvironmentState,
  type Point,
  type Space,
} from './environment.ts'

export interface Episode {
  /** The sum of its rewards. */
  total: number
  length: number
}

export interface VectorStep {
  /** [count, width], of the new episode where one has just ended (Gymnasium's autoreset in the same step). */
  observations: Float64Array
  rewards: Float64Array
  /** 1 where the episode ended here. */
  terminated: Uint8Array
  truncated: Uint8Array
  /** What an ended episode showed last; null where it goes on. */
  finals: readonly (Float64Array | null)[]
  /** The episodes that ended here, in the environments' order. */
  episodes: Episode[]
}

export interface VectorState {
  environments: readonly EnvironmentState[]
  observations: readonly number[]
  totals: readonly number[]
  lengths: readonly number[]
}

export class VectorEnvironment {
  readonly count: number
  /** Values of one observation. */
  readonly width: number
  readonly observationSpace: BoxSpace
  readonly actionSpace: Space
  private readonly environments: readonly Environment[]
  private readonly observations: Float64Array
  private readonly totals: Float64Array
  private readonly lengths: Uint32Array

  /** @param make gives a new environment each time; observations must be boxes */
  constructor(make: () => Environment, count: number) {
    if (!Number.isSafeInteger(count) || count < 1)
      throw new EnvironmentError(`VectorEnvironment: count is ${count}; it must be a whole number from 1`)
    this.environments = Array.from({ length: count }, make)
    const [{ observationSpace, actionSpace }] = this.environments
    if (observationSpace.kind !== 'box')
      throw new EnvironmentError('VectorEnvironment: needs observations from a box; step such an environment by itself')
    this.count = count
    this.width = observationSpace.low.length
    this.observationSpace = observationSpace
    this.actionSpace = actionSpace
    this.observations = new Float64Array(count * this.width)
    this.totals = new Float64Array(count)
    this.lengths = new Uint32Array(count)
  }

  /** Begins all episodes; environment i has the seed `seed` + i, as in Gymnasium. Returns the observations. */
  reset(seed?: number): Float64Array {
    this.totals.fill(0)
    this.lengths.fill(0)
    for (const [i, environment] of this.environments.entries())
      this.keep(i, environment.reset(seed === undefined ? undefined : seed + i).observation)
    return this.observations.slice()
  }

  /** What all environments show now. */
  observe(): Float64Array {
    return this.observations.slice()
  }

  step(actions: readonly Point[]): VectorStep {
    if (actions.length !== this.count)
      throw new EnvironmentError(`step: ${actions.length} actions for ${this.count} environments; give one for each`)
    const rewards = new Float64Array(this.count)
    const terminated = new Uint8Array(this.count)
    const truncated = new Uint8Array(this.count)
    const finals: (Float64Array | null)[] = []
    const episodes: Episode[] = []
    for (const [i, environment] of this.environments.entries()) {
      const step = environment.step(actions[i])
      rewards[i] = step.reward
      terminated[i] = Number(step.terminated)
      truncated[i] = Number(step.truncated)
      this.totals[i] += step.reward
      this.lengths[i]++
      const ended = step.terminated || step.truncated
      finals.push(ended ? step.observation : null)
      if (ended) {
        episodes.push({ total: this.totals[i], length: this.lengths[i] })
        this.totals[i] = 0
        this.lengths[i] = 0
      }
      this.keep(i, ended ? environment.reset().observation : step.observation)
    }
    return { observations: this.observations.slice(), rewards, terminated, truncated, finals, episodes }
  }

  state(): VectorState {
    return {
      environments: this.environments.map((each) => each.state()),
      observations: [...this.observations],
      totals: [...this.totals],
      lengths: [...this.lengths],
    }
  }

  restore(state: VectorState): void {
    if (state.environments.length !== this.count || state.observations.length !== this.observations.length)
      throw new EnvironmentError(
        `restore: the state holds ${state.environments.length} environments, there are ${this.count}; make as many as it holds`,
      )
    for (const [i, each] of state.environments.entries()) this.environments[i].restore(each)
    this.observations.set(state.observations)
    this.totals.set(state.totals)
    this.lengths.set(state.lengths)
  }

  private keep(i: number, observation: Float64Array): void {
    this.observations.set(observation, i * this.width)
  }
}
