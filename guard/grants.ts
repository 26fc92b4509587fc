import { covers } from './access.ts'
import { parseRange, rangeWithin } from './address-range.ts'

/** What a credential reaches to: a key, or whoever makes one. */
export interface Grant {
  organisation: string
  /** Empty: every project. */
  project: string
  /** Empty for a key that belongs to no person. */
  person: string
  /** Null: all that its holder may. */
  scopes: readonly string[] | null
  /** Null: every model. */
  models: readonly string[] | null
  /** Null: from anywhere. */
  addresses: readonly string[] | null
  /** Milliseconds since 1970; null: for ever. */
  expires: number | null
}

/** Where a child reaches beyond its parent; null where it nowhere does. Whose it may be is judged by roles, not here. */
export function widerIn(parent: Grant, child: Grant): keyof Grant | null {
  if (child.organisation !== parent.organisation) return 'organisation'
  if (parent.project !== '' && child.project !== parent.project) return 'project'
  if (!scopesWithin(child.scopes, parent.scopes)) return 'scopes'
  if (!within(child.models, parent.models, (model, models) => models.includes(model))) return 'models'
  if (!within(child.addresses, parent.addresses, addressWithin)) return 'addresses'
  if (parent.expires !== null && (child.expires === null || child.expires > parent.expires)) return 'expires'
  return null
}

function within(
  child: readonly string[] | null,
  parent: readonly string[] | null,
  holds: (one: string, all: readonly string[]) => boolean,
): boolean {
  if (parent === null) return true
  return child?.every((one) => holds(one, parent)) ?? false
}

/** `all` is held against `all`, not against what there is today: it reaches to what comes later, too. */
function scopesWithin(child: readonly string[] | null, parent: readonly string[] | null): boolean {
  return (child ?? ['all']).every((scope) => covers(parent, scope))
}

function addressWithin(text: string, all: readonly string[]): boolean {
  const inner = parseRange(text)
  return (
    inner !== null &&
    all.some((each) => {
      const outer = parseRange(each)
      return outer !== null && rangeWithin(inner, outer)
    })
  )
}
