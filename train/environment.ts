/**
 * Environments in Gymnasium's manner (Towers 2024, arXiv:2407.17032): what an agent sees, what it may do, and what comes
 * of it. A language environment is one too: it observes the tokens so far, and its action is the next.
 */

/** The whole numbers from 0 to n − 1. */
export interface DiscreteSpace {
  readonly kind: 'discrete'
  readonly n: number
}

/** Real numbers within bounds, element by element; bounds may be infinite. */
export interface BoxSpace {
  readonly kind: 'box'
  readonly shape: readonly number[]
  readonly low: Float64Array
  readonly high: Float64Array
}

export type Space = DiscreteSpace | BoxSpace

/** An element of a space. */
export type Point = number | Float64Array

/** An environment was used against its rules; the message names the rule and what to do instead. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError'
}

export function discreteSpace(n: number): DiscreteSpace {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new EnvironmentError(`discreteSpace: n is ${n}; it must be a whole number from 1`)
  return { kind: 'discrete', n }
}

/** A box with these bounds; one number stands for all elements. */
export function boxSpace(
  low: number | readonly number[],
  high: number | readonly number[],
  shape?: readonly number[],
): BoxSpace {
  const given = typeof low === 'number' ? (typeof high === 'number' ? 1 : high.length) : low.length
  const dimensions = shape ?? [given]
  const size = dimensions.reduce((a, b) => a * b, 1)
  const bounds = (of: number | readonly number[]) =>
    typeof of === 'number' ? new Float64Array(size).fill(of) : Float64Array.from(of)
  const box: BoxSpace = { kind: 'box', shape: dimensions, low: bounds(low), high: bounds(high) }
  if (box.low.length !== size || box.high.length !== size)
    throw new EnvironmentError(
      `boxSpace: bounds of ${box.low.length} and ${box.high.length} elements do not fill [${dimensions.join(', ')}]`,
    )
  const wrong = box.low.findIndex((value, i) => !(value <= box.high[i]))
  if (wrong >= 0)
    throw new EnvironmentError(
      `boxSpace: low[${wrong}] is ${box.low[wrong]}; it must not be above high (${box.high[wrong]})`,
    )
  return box
}

/** Whether a value is an element of the space. NaN never is. */
export function contains(space: Space, value: unknown): boolean {
  if (space.kind === 'discrete')
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < space.n
  return (
    value instanceof Float64Array &&
    value.length === space.low.length &&
    value.every((each, i) => each >= space.low[i] && each <= space.high[i])
  )
}

/**
 * A random element: uniform where it is bounded, exponential from the bound where one side is open, normal where both
 * are, as Gymnasium draws. `random` gives numbers in [0, 1).
 */
export function sample(space: DiscreteSpace, random: () => number): number
export function sample(space: BoxSpace, random: () => number): Float64Array
export function sample(space: Space, random: () => number): Point
export function sample(space: Space, random: () => number): Point {
  if (space.kind === 'discrete') return Math.floor(random() * space.n)
  return space.low.map((low, i) => {
    const high = space.high[i]
    if (Number.isFinite(low) && Number.isFinite(high)) return low + (high - low) * random()
    if (Number.isFinite(low)) return low - Math.log(1 - random())
    if (Number.isFinite(high)) return high + Math.log(1 - random())
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  })
}

export type Info = Readonly<Record<string, unknown>>

export interface Reset<Observation> {
  observation: Observation
  info: Info
}

export interface Step<Observation> extends Reset<Observation> {
  reward: number
  /** The task ended here: what would follow is worth nothing. */
  terminated: boolean
  /** The episode was cut here: what would follow has its value, but is not seen. */
  truncated: boolean
}

/** What a later `restore` needs to go on bit for bit: JSON keeps it whole. */
export type EnvironmentState = Readonly<Record<string, string | number | boolean | null | readonly number[]>>

export interface Environment<Observation = Float64Array, Action = Point> {
  readonly observationSpace: Space
  readonly actionSpace: Space
  /** Begins an episode. A seed starts the environment's own random numbers anew; without one they go on. */
  reset(seed?: number): Reset<Observation>
  /** Throws EnvironmentError before `reset`, after the end, and for an action outside the space. */
  step(action: Action): Step<Observation>
  state(): EnvironmentState
  restore(state: EnvironmentState): void
}
