import { type BoxSpace, boxSpace, discreteSpace } from '../environment.ts'
import { ClassicControl, type Outcome } from './classic-control.ts'
import type { Pcg64 } from './pcg64.ts'

const gravity = 9.8
const poleMass = 0.1
const totalMass = poleMass + 1
/** Half of the pole's length. */
const length = 0.5
const poleMassLength = poleMass * length
const force = 10
const seconds = 0.02
const angleLimit = (12 * 2 * Math.PI) / 360
const placeLimit = 2.4

/**
 * CartPole-v1: a cart is pushed left (0) or right (1) so that the pole on it stays upright (Barto, Sutton and Anderson
 * 1983), as Gymnasium integrates it: Euler's method, 50 times a second.
 */
export class CartPole extends ClassicControl<number> {
  readonly actionSpace = discreteSpace(2)
  readonly observationSpace: BoxSpace = boxSpace(
    [-2 * placeLimit, -Infinity, -2 * angleLimit, -Infinity],
    [2 * placeLimit, Infinity, 2 * angleLimit, Infinity],
  )

  constructor(limit = 500) {
    super(limit)
  }

  protected begin(random: Pcg64): Float64Array {
    return Float64Array.from({ length: 4 }, () => random.uniform(-0.05, 0.05))
  }

  protected move(action: number): Outcome {
    const [x, speed, angle, turning] = this.physical
    const push = action === 1 ? force : -force
    const cosine = Math.cos(angle)
    const sine = Math.sin(angle)
    const shared = (push + poleMassLength * (turning * turning) * sine) / totalMass
    const turningChange =
      (gravity * sine - cosine * shared) / (length * (4 / 3 - (poleMass * (cosine * cosine)) / totalMass))
    const speedChange = shared - (poleMassLength * turningChange * cosine) / totalMass
    const moved = this.physical
    moved[0] = x + seconds * speed
    moved[1] = speed + seconds * speedChange
    moved[2] = angle + seconds * turning
    moved[3] = turning + seconds * turningChange
    const fallen = moved[0] < -placeLimit || moved[0] > placeLimit || moved[2] < -angleLimit || moved[2] > angleLimit
    return { reward: 1, terminated: fallen }
  }

  protected observe(): Float64Array {
    return this.physical.slice()
  }
}
