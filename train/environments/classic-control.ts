/** What CartPole, Acrobot and Pendulum share: a physical state in float64, a random start, a limit on steps. */
import { randomInt } from 'node:crypto'
import {
  type BoxSpace,
  contains,
  type Environment,
  EnvironmentError,
  type EnvironmentState,
  type Info,
  type Reset,
  type Space,
  type Step,
} from '../environment.ts'
import { Pcg64 } from './pcg64.ts'

const nothing: Info = Object.freeze({})

export interface Outcome {
  reward: number
  terminated: boolean
}

export abstract class ClassicControl<Action extends number | Float64Array>
  implements Environment<Float64Array, Action>
{
  abstract readonly observationSpace: BoxSpace
  abstract readonly actionSpace: Space
  /** Angles, positions and velocities; `begin` fills it, `move` changes it. */
  protected physical: Float64Array = new Float64Array()
  /** Steps after which an episode is truncated. */
  private readonly limit: number
  private random: Pcg64 | null = null
  private steps = 0
  private running = false

  constructor(limit: number) {
    this.limit = limit
  }

  protected abstract begin(random: Pcg64): Float64Array
  protected abstract move(action: Action): Outcome
  protected abstract observe(): Float64Array
  /** Whether `move` takes the action; a Pendulum cuts what its box does not hold. */
  protected accepts(action: Action): boolean {
    return contains(this.actionSpace, action)
  }

  reset(seed?: number): Reset<Float64Array> {
    if (seed !== undefined && (!Number.isSafeInteger(seed) || seed < 0))
      throw new EnvironmentError(`reset: the seed is ${seed}; it must be a whole number from 0 to 2^53 − 1`)
    if (seed !== undefined || !this.random) this.random = new Pcg64(seed ?? randomInt(2 ** 47))
    this.physical = this.begin(this.random)
    this.steps = 0
    this.running = true
    return { observation: this.observe(), info: nothing }
  }

  step(action: Action): Step<Float64Array> {
    if (!this.running) throw new EnvironmentError('step: there is no episode, or it has ended; call reset first')
    if (!this.accepts(action))
      throw new EnvironmentError(`step: the action ${String(action)} is not in ${spaceName(this.actionSpace)}`)
    const { reward, terminated } = this.move(action)
    this.steps++
    const truncated = this.steps >= this.limit
    this.running = !terminated && !truncated
    return { observation: this.observe(), reward, terminated, truncated, info: nothing }
  }

  state(): EnvironmentState {
    return {
      physical: [...this.physical],
      steps: this.steps,
      running: this.running,
      random: this.random?.save() ?? null,
    }
  }

  restore(state: EnvironmentState): void {
    const { physical, steps, running, random } = state
    if (!Array.isArray(physical) || typeof steps !== 'number' || typeof running !== 'boolean')
      throw new EnvironmentError('restore: this is not the state of such an environment; take one from state()')
    this.physical = Float64Array.from(physical as number[])
    this.steps = steps
    this.running = running
    this.random = typeof random === 'string' ? Pcg64.load(random) : null
  }
}

function spaceName(space: Space): string {
  if (space.kind === 'discrete') return `0..${space.n - 1}`
  return `a box of shape [${space.shape.join(', ')}], as a Float64Array`
}
