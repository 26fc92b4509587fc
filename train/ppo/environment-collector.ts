import { mix, seededRandom, seedOf } from '#data/shuffle'
import type { Point, Space } from '../environment.ts'
import type { VectorEnvironment, VectorState } from '../vector-environment.ts'
import type { MlpForward } from './mlp-forward.ts'
import { type Collector, type Experience, end, type Saved } from './ports.ts'

/** What a finished episode was, and after how many decisions of the run it ended. */
export interface FinishedEpisode {
  total: number
  length: number
  decisions: number
}

/** Lets a policy act in several environments at once, for the same number of steps in each. */
export class EnvironmentCollector implements Collector {
  private readonly environments: VectorEnvironment
  private readonly forward: MlpForward
  private readonly steps: number
  private readonly seed: number
  private readonly onEpisode: (episode: FinishedEpisode) => void

  constructor(options: {
    environments: VectorEnvironment
    forward: MlpForward
    /** In each environment, for one rollout. */
    steps: number
    seed: number
    onEpisode?: (episode: FinishedEpisode) => void
  }) {
    this.environments = options.environments
    this.forward = options.forward
    this.steps = options.steps
    this.seed = options.seed
    this.onEpisode = options.onEpisode ?? (() => {})
    this.environments.reset(this.seed)
  }

  async collect(iteration: number): Promise<Experience> {
    const { environments, forward, steps } = this
    const { count: lanes, width } = environments
    const random = seededRandom(mix(mix(this.seed, seedOf('rollout')), iteration))
    const rollout = new Rollout(lanes, steps, width, forward.actionWidth)
    forward.refresh()
    let seen = Float32Array.from(environments.observe())
    let returns = 0
    let finished = 0
    for (let step = 0; step < steps; step++) {
      const actions: Point[] = []
      for (let lane = 0; lane < lanes; lane++) {
        const at = lane * steps + step
        const action = rollout.action(at)
        rollout.observations.set(seen.subarray(lane * width, (lane + 1) * width), at * width)
        rollout.logProbs[at] = forward.draw(seen, lane * width, random, action)
        rollout.values[at] = forward.valueOf(seen, lane * width)
        actions.push(admitted(environments.actionSpace, action))
      }
      const result = environments.step(actions)
      for (const { total, length } of result.episodes) {
        returns += total
        finished++
        this.onEpisode({ total, length, decisions: (iteration * steps + step + 1) * lanes })
      }
      seen = Float32Array.from(result.observations)
      for (let lane = 0; lane < lanes; lane++) this.conclude(rollout, lane, step, result, seen)
    }
    return rollout.experience(finished > 0 ? { meanReturn: returns / finished, episodes: finished } : { episodes: 0 })
  }

  state(): Saved {
    return this.environments.state() as unknown as Saved
  }

  restore(state: Saved): void {
    this.environments.restore(state as unknown as VectorState)
  }

  /** The reward of a step, and what follows it: an episode that was cut goes on in the value model's eyes. */
  private conclude(
    rollout: Rollout,
    lane: number,
    step: number,
    result: ReturnType<VectorEnvironment['step']>,
    seen: Float32Array,
  ): void {
    const at = lane * this.steps + step
    const last = step + 1 === this.steps
    rollout.rewards[at] = result.rewards[lane]
    if (result.terminated[lane]) rollout.ends[at] = end.terminated
    else if (result.truncated[lane]) {
      rollout.ends[at] = end.cut
      rollout.bootstrap[at] = this.forward.valueOf(Float32Array.from(result.finals[lane] as Float64Array), 0)
    } else if (last) {
      rollout.ends[at] = end.cut
      rollout.bootstrap[at] = this.forward.valueOf(seen, lane * this.environments.width)
    }
  }
}

/** The arrays of one rollout, environment after environment. */
class Rollout {
  readonly rewards: Float32Array
  readonly values: Float32Array
  readonly logProbs: Float32Array
  readonly bootstrap: Float32Array
  readonly ends: Uint8Array
  readonly observations: Float32Array
  private readonly actions: Float32Array
  private readonly actionWidth: number

  constructor(lanes: number, steps: number, width: number, actionWidth: number) {
    const count = lanes * steps
    this.rewards = new Float32Array(count)
    this.values = new Float32Array(count)
    this.logProbs = new Float32Array(count)
    this.bootstrap = new Float32Array(count)
    this.ends = new Uint8Array(count)
    this.observations = new Float32Array(count * width)
    this.actions = new Float32Array(count * actionWidth)
    this.actionWidth = actionWidth
  }

  action(at: number): Float32Array {
    return this.actions.subarray(at * this.actionWidth, (at + 1) * this.actionWidth)
  }

  experience(facts: Experience['facts']): Experience {
    const { rewards, values, logProbs, bootstrap, ends, observations, actions } = this
    const columns = { observations, actions }
    return { count: rewards.length, rewards, values, logProbs, bootstrap, ends, units: null, columns, facts }
  }
}

/** The action as the environment takes it: a real one is cut to its box. */
export function admitted(space: Space, action: Float32Array): Point {
  if (space.kind === 'discrete') return action[0]
  return Float64Array.from(action, (value, i) => Math.min(Math.max(value, space.low[i]), space.high[i]))
}
