/** What a comparison finds, and how its findings are put together. */
import type { Alternative } from './shapes.ts'

export interface Difference {
  /** Where, from the address on: `POST /files request.purpose`. */
  at: string
  what: string
}

/** A field or a kind of object that OpenAI knows and we refuse by name, with the reason that the error gives. */
export interface Refusal {
  at: string
  why: string
}

export interface Comparison {
  /** What a client could stumble over. */
  differences: Difference[]
  /** Where we say or take more than they describe. */
  lenient: Difference[]
  refusals: Refusal[]
  /** How many values were held against each other. */
  fields: number
}

export const nothing = (): Comparison => ({ differences: [], lenient: [], refusals: [], fields: 0 })

export function merge(into: Comparison, more: Comparison): Comparison {
  into.differences.push(...more.differences)
  into.lenient.push(...more.lenient)
  into.refusals.push(...more.refusals)
  into.fields += more.fields
  return into
}

/** The alternative that comes closest. */
export function fewest(all: [Alternative, Comparison][]): { chosen: Alternative; comparison: Comparison } {
  const weight = ({ differences, lenient }: Comparison) => differences.length + lenient.length / 1000
  const [chosen, comparison] = all.reduce((best, each) => (weight(each[1]) < weight(best[1]) ? each : best))
  return { chosen, comparison }
}

/** What stands in every one of the lists. */
export function shared([first = [], ...others]: Difference[][]): Difference[] {
  return first.filter(({ at, what }) =>
    others.every((each) => each.some((other) => other.at === at && other.what === what)),
  )
}

const refused = /^Not supported by this version(?:: (.*))?\.$/s
const narrowed = /^Only .* is supported\.$/s

/** Why a field is refused, or which of its values are taken; null for one that is simply there. */
export function fieldRefused(ours: Alternative[]): string | null {
  const [first] = ours
  const match = refused.exec(first?.description ?? '')
  if (match !== null && ours.every(({ type }) => type === 'null')) return match[1] ?? ''
  return first?.type === 'any' && narrowed.test(first.description) ? first.description.slice(0, -1) : null
}

/** Why objects of a kind are refused, all of them. */
export function kindRefused(ours: Alternative[]): string | null {
  const all = ours.map(({ description }) => refused.exec(description))
  return all.every((match) => match !== null) ? (all[0]?.[1] ?? 'refused by its type') : null
}

export const holds = (wide: string, narrow: string) =>
  wide === 'any' || wide === narrow || (wide === 'number' && narrow === 'integer')

export const named = ({ type, values }: Alternative) => (values === null ? `of type ${type}` : list(values))

export const list = (values: unknown[]) => values.map((value) => JSON.stringify(value)).join(' or ')
