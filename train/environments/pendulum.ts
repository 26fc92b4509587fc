import { type BoxSpace, boxSpace } from '../environment.ts'
import { ClassicControl, type Outcome } from './classic-control.ts'
import type { Pcg64 } from './pcg64.ts'

const gravity = 10
const mass = 1
const length = 1
const seconds = 0.05
const fastest = 8
const strongest = 2

/** Pendulum-v1: a pendulum is to be swung up and held by a torque that is too weak to lift it at once. */
export class Pendulum extends ClassicControl<Float64Array> {
  readonly actionSpace: BoxSpace = boxSpace(-strongest, strongest)
  readonly observationSpace: BoxSpace = boxSpace([-1, -1, -fastest], [1, 1, fastest])

  constructor(limit = 200) {
    super(limit)
  }

  protected begin(random: Pcg64): Float64Array {
    return Float64Array.of(random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1))
  }

  /** A torque beyond the box is cut, as in Gymnasium; what is no number is refused. */
  protected override accepts(action: Float64Array): boolean {
    return action instanceof Float64Array && action.length === 1 && !Number.isNaN(action[0])
  }

  protected move(action: Float64Array): Outcome {
    const [angle, turning] = this.physical
    const torque = Math.min(Math.max(action[0], -strongest), strongest)
    const tilt = normalised(angle)
    const cost = tilt * tilt + 0.1 * (turning * turning) + 0.001 * (torque * torque)
    const pulled = ((3 * gravity) / (2 * length)) * Math.sin(angle) + (3 / (mass * length * length)) * torque
    const faster = Math.min(Math.max(turning + pulled * seconds, -fastest), fastest)
    this.physical[0] = angle + faster * seconds
    this.physical[1] = faster
    return { reward: -cost, terminated: false }
  }

  protected observe(): Float64Array {
    const [angle, turning] = this.physical
    return Float64Array.of(Math.cos(angle), Math.sin(angle), turning)
  }
}

/** The same angle between −π and π. Python's remainder has the divisor's sign, JavaScript's the dividend's. */
function normalised(angle: number): number {
  const turn = 2 * Math.PI
  const rest = (angle + Math.PI) % turn
  return (rest < 0 ? rest + turn : rest) - Math.PI
}
