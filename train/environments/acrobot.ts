import { type BoxSpace, boxSpace, discreteSpace } from '../environment.ts'
import { ClassicControl, type Outcome } from './classic-control.ts'
import type { Pcg64 } from './pcg64.ts'

const seconds = 0.2
const mass1 = 1
const mass2 = 1
const length1 = 1
const centre1 = 0.5
const centre2 = 0.5
const inertia1 = 1
const inertia2 = 1
const gravity = 9.8
const fastest = [4 * Math.PI, 9 * Math.PI]

/** Angles and angular velocities of both links. */
type Links = readonly [number, number, number, number]

/**
 * Acrobot-v1: two links hang from a point, and a torque of −1, 0 or 1 at the joint between them is to swing the end above
 * a height (Sutton 1996), by the book's equations, one step of fourth-order Runge–Kutta each 0.2 s.
 */
export class Acrobot extends ClassicControl<number> {
  readonly actionSpace = discreteSpace(3)
  readonly observationSpace: BoxSpace = boxSpace([-1, -1, -1, -1, -fastest[0], -fastest[1]], [1, 1, 1, 1, ...fastest])

  constructor(limit = 500) {
    super(limit)
  }

  /** Gymnasium rounds the start to float32. */
  protected begin(random: Pcg64): Float64Array {
    return Float64Array.from({ length: 4 }, () => Math.fround(random.uniform(-0.1, 0.1)))
  }

  protected move(action: number): Outcome {
    const [a, b, da, db] = rungeKutta([...this.physical] as unknown as Links, action - 1)
    this.physical = Float64Array.of(wrapped(a), wrapped(b), within(da, fastest[0]), within(db, fastest[1]))
    const [first, second] = this.physical
    const reached = -Math.cos(first) - Math.cos(second + first) > 1
    return { reward: reached ? 0 : -1, terminated: reached }
  }

  protected observe(): Float64Array {
    const [a, b, da, db] = this.physical
    return Float64Array.of(Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), da, db)
  }
}

function slope([a, b, da, db]: Links, torque: number): Links {
  const d1 =
    mass1 * centre1 * centre1 +
    mass2 * (length1 * length1 + centre2 * centre2 + 2 * length1 * centre2 * Math.cos(b)) +
    inertia1 +
    inertia2
  const d2 = mass2 * (centre2 * centre2 + length1 * centre2 * Math.cos(b)) + inertia2
  const phi2 = mass2 * centre2 * gravity * Math.cos(a + b - Math.PI / 2)
  const phi1 =
    -mass2 * length1 * centre2 * (db * db) * Math.sin(b) -
    2 * mass2 * length1 * centre2 * db * da * Math.sin(b) +
    (mass1 * centre1 + mass2 * length1) * gravity * Math.cos(a - Math.PI / 2) +
    phi2
  const ddb =
    (torque + (d2 / d1) * phi1 - mass2 * length1 * centre2 * (da * da) * Math.sin(b) - phi2) /
    (mass2 * centre2 * centre2 + inertia2 - (d2 * d2) / d1)
  return [da, db, -(d2 * ddb + phi1) / d1, ddb]
}

function rungeKutta(at: Links, torque: number): Links {
  const ahead = (by: number, k: Links): Links => [
    at[0] + by * k[0],
    at[1] + by * k[1],
    at[2] + by * k[2],
    at[3] + by * k[3],
  ]
  const k1 = slope(at, torque)
  const k2 = slope(ahead(seconds / 2, k1), torque)
  const k3 = slope(ahead(seconds / 2, k2), torque)
  const k4 = slope(ahead(seconds, k3), torque)
  const mean = k1.map((k, i) => k + 2 * k2[i] + 2 * k3[i] + k4[i]) as unknown as Links
  return ahead(seconds / 6, mean)
}

function wrapped(angle: number): number {
  let turned = angle
  while (turned > Math.PI) turned -= 2 * Math.PI
  while (turned < -Math.PI) turned += 2 * Math.PI
  return turned
}

const within = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)
