import { covers, scopes } from '#guard/access'
import { addressAllowed } from '#guard/address-range'
import { type Grant, widerIn } from '#guard/grants'

/**
 * Random keys that random keys make. What is judged is not how they are written but what they open: whatever a child
 * may, its parent may.
 */

export interface Mints {
  tried: number
  made: number
  refused: number
  /** A child that reached beyond its parent, and with what. */
  wider: { parent: Grant; child: Grant; request: object }[]
}

const models = ['a', 'b', 'c']
const addresses = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '0.0.0.0/0', '::/0', '2001:db8::/32', '::ffff:10.1.0.0/112']
const places = ['10.1.2.3', '10.200.0.1', '11.0.0.1', '2001:db8::1', '2001:db9::1', '::ffff:10.1.2.3', 'nonsense']
const times = [1, 50, 100, 1000]

export function tryMints(count: number, random: () => number): Mints {
  const result: Mints = { tried: 0, made: 0, refused: 0, wider: [] }
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]
  const some = <T>(from: readonly T[]): T[] => Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(from))
  const grant = (): Grant => ({
    organisation: pick(['o', 'o', 'o', 'p']),
    project: pick(['', 'x', 'y']),
    person: 'someone',
    scopes: random() < 0.3 ? null : some(scopes),
    models: random() < 0.4 ? null : some(models),
    addresses: random() < 0.4 ? null : some(addresses),
    expires: random() < 0.4 ? null : pick(times),
  })
  /** As often as not a child that could be its parent's, changed in one place. */
  const childOf = (parent: Grant): Grant => {
    const other = grant()
    if (random() < 0.3) return other
    const field = pick(Object.keys(other) as (keyof Grant)[])
    return { ...parent, [field]: other[field] }
  }
  while (result.tried < count) {
    const parent = grant()
    const child = childOf(parent)
    result.tried++
    if (widerIn(parent, child) !== null) {
      result.refused++
      continue
    }
    result.made++
    for (let n = 0; n < 20; n++) {
      const request = {
        project: pick(['x', 'y']),
        scope: pick(scopes),
        model: pick(models),
        address: pick(places),
        at: pick(times),
      }
      const reaches = opens(child, request) && (child.organisation !== parent.organisation || !opens(parent, request))
      if (reaches) result.wider.push({ parent, child, request })
    }
  }
  return result
}

interface Request {
  project: string
  scope: string
  model: string
  address: string
  at: number
}

/** What a key opens, said another way than where children are judged. */
function opens(grant: Grant, { project, scope, model, address, at }: Request): boolean {
  if (grant.project !== '' && grant.project !== project) return false
  if (!covers(grant.scopes, scope)) return false
  if (grant.models !== null && !grant.models.includes(model)) return false
  if (!addressAllowed(address, grant.addresses)) return false
  return grant.expires === null || at < grant.expires
}
