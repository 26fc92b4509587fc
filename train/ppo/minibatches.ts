/** Which units go into which minibatch: a pure function of seed, iteration and pass, so that a resumed run agrees. */
import { mix, seededRandom } from '#data/shuffle'
import type { Experience } from './ports.ts'

/** All units of an experience in the order of one pass. */
export function unitOrder(units: number, seed: number, iteration: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length: units }, (_, i) => i)
  const random = seededRandom(mix(mix(seed, iteration), epoch))
  for (let i = units - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = order[i]
    order[i] = order[j]
    order[j] = held
  }
  return order
}

export const unitCount = ({ units, count }: Experience): number => (units ? units.length - 1 : count)

/** The decisions of some units, one unit after the other. */
export function decisionsOf({ units }: Experience, chosen: Uint32Array): Uint32Array {
  if (!units) return chosen
  let count = 0
  for (const unit of chosen) count += units[unit + 1] - units[unit]
  const decisions = new Uint32Array(count)
  let at = 0
  for (const unit of chosen) for (let i = units[unit]; i < units[unit + 1]; i++) decisions[at++] = i
  return decisions
}

/** The values at the chosen places. */
export function pick(values: ArrayLike<number>, places: Uint32Array): Float32Array {
  const picked = new Float32Array(places.length)
  for (let i = 0; i < places.length; i++) picked[i] = values[places[i]]
  return picked
}
