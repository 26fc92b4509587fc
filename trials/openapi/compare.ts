/** What one schema lets through and another does not. */

import type { Comparison, Difference } from './findings.ts'
import { fewest, fieldRefused, holds, kindRefused, list, merge, named, nothing, shared } from './findings.ts'
import { type Alternative, alternatives, type Document, type Schema } from './shapes.ts'

export interface Side {
  schema: Schema
  document: Document
}

/**
 * Holds our schema against theirs. A request of theirs must be one that we know, and a reply of ours must be one that
 * they describe; where they differ the other way round, it is said too, but for two things that no client can stumble
 * over: in requests we take null for a field that is left out, and in replies we need not send what they call optional.
 */
export function compare(ours: Side, theirs: Side, direction: 'request' | 'reply', at: string): Comparison {
  return new Comparer(ours.document, theirs.document, direction === 'request').whole(ours.schema, theirs.schema, at)
}

interface Placed {
  /** With which alternative of the other side it was held. */
  chosen: Alternative | null
  comparison: Comparison
}

class Comparer {
  readonly #ours: Document
  readonly #theirs: Document
  readonly #request: boolean
  /** What must fit, and into what. */
  readonly #from: { name: string; document: Document }
  readonly #to: { name: string; document: Document }
  /** Pairs that are being compared further up: schemas may hold themselves. */
  readonly #open = new Map<Schema, Set<Schema>>()

  constructor(ours: Document, theirs: Document, request: boolean) {
    this.#ours = ours
    this.#theirs = theirs
    this.#request = request
    const sides = [
      { name: 'theirs', document: theirs },
      { name: 'ours', document: ours },
    ]
    ;[this.#from, this.#to] = request ? sides : sides.reverse()
  }

  whole(ours: Schema, theirs: Schema, at: string): Comparison {
    const open = this.#open.get(ours) ?? new Set()
    if (open.has(theirs)) return nothing()
    this.#open.set(ours, open.add(theirs))
    try {
      return this.#sides(alternatives(ours, this.#ours), alternatives(theirs, this.#theirs), at)
    } finally {
      open.delete(theirs)
    }
  }

  #sides(ours: Alternative[], theirs: Alternative[], at: string): Comparison {
    const why = this.#request ? fieldRefused(ours) : null
    if (why !== null) return { ...nothing(), refusals: [{ at, why }], fields: 1 }
    const [from, to] = this.#request ? [theirs, ours] : [ours, theirs]
    const found = nothing()
    const placed = new Map<Alternative | null, Difference[][]>()
    for (const one of from.flatMap((each) => this.#apart(each, to))) {
      const { chosen, comparison } = this.#place(one, to, at)
      merge(found, { ...comparison, lenient: [] })
      placed.set(chosen, [...(placed.get(chosen) ?? []), comparison.lenient])
    }
    // What only one of several forms of theirs lacks is not ours alone.
    for (const lenient of placed.values()) found.lenient.push(...shared(lenient))
    if (this.#request) found.lenient.push(...alsoTaken(ours, theirs, at))
    return found
  }

  /** An object whose `type` or `role` may be several, as one for each where the other side tells them apart. */
  #apart(one: Alternative, others: Alternative[]): Alternative[] {
    for (const name of ['type', 'role']) {
      if (one.type !== 'object' || one.properties[name] === undefined) continue
      const values = valuesOf(one.properties[name], this.#from.document) ?? []
      const there = others.map(({ properties }) => properties[name]).filter((schema) => schema !== undefined)
      const several = there.length > 1 && values.length > 1
      if (several)
        return values.map((value) => ({ ...one, properties: { ...one.properties, [name]: { enum: [value] } } }))
    }
    return [one]
  }

  /** Where one alternative fits on the other side, and what is in its way. */
  #place(one: Alternative, others: Alternative[], at: string): Placed {
    const same = others.filter(({ type }) => holds(type, one.type))
    const problem = (what: string) => ({ at, what })
    if (same.length === 0) {
      const differences = [problem(`${this.#from.name} may be ${named(one)}, ${this.#to.name} not`)]
      return { chosen: null, comparison: { ...nothing(), fields: 1, differences } }
    }
    const any = same.find(({ type }) => type === 'any')
    if (any !== undefined) return { chosen: any, comparison: { ...nothing(), fields: 1 } }
    if (one.type === 'object') return this.#object(one, same, at)
    if (one.type === 'array') return fewest(same.map((other) => [other, this.#items(one, other, at)]))
    return { chosen: null, comparison: { ...nothing(), fields: 1, differences: this.#values(one, same, at) } }
  }

  #values(one: Alternative, others: Alternative[], at: string): Difference[] {
    if (others.some(({ values }) => values === null)) return []
    const known = new Set(others.flatMap(({ values }) => values ?? []))
    const { name } = this.#from
    if (one.values === null)
      return [{ at, what: `${name} may be any ${one.type}, ${this.#to.name} ${list([...known])}` }]
    const strange = one.values.filter((value) => !known.has(value))
    return strange.map((value) => ({ at, what: `${name} may be ${JSON.stringify(value)}, ${this.#to.name} not` }))
  }

  #items(one: Alternative, other: Alternative, at: string): Comparison {
    if (one.items === null || other.items === null) return nothing()
    return this.#request ? this.whole(other.items, one.items, `${at}[]`) : this.whole(one.items, other.items, `${at}[]`)
  }

  #object(one: Alternative, others: Alternative[], at: string): Placed {
    const possible = others.filter((other) => this.#alike(one, other, others.length > 1))
    const here = `${at}${this.#tag(one)}`
    if (possible.length === 0) {
      const differences = [{ at: here, what: `${this.#to.name} have no such object` }]
      return { chosen: null, comparison: { ...nothing(), differences } }
    }
    const why = this.#request ? kindRefused(possible) : null
    if (why !== null) return { chosen: null, comparison: { ...nothing(), refusals: [{ at: here, why }] } }
    return fewest(possible.map((other) => [other, this.#fields(one, other, here)]))
  }

  #fields(one: Alternative, other: Alternative, at: string): Comparison {
    const [ours, theirs] = this.#request ? [other, one] : [one, other]
    const found = nothing()
    const told = (name: string, what: string, to = found.differences) => to.push({ at: `${at}.${name}`, what })
    for (const [name, schema] of Object.entries(ours.properties)) {
      const known = theirs.properties[name]
      if (known !== undefined) merge(found, this.whole(schema, known, `${at}.${name}`))
      else if (!open(theirs) && !this.#knownFromElsewhere(schema)) told(name, 'is ours alone', found.lenient)
    }
    for (const name of this.#request ? Object.keys(theirs.properties) : [])
      if (!(name in ours.properties) && ours.others === false) told(name, 'is not known to us')
    for (const name of theirs.required) {
      if (ours.required.has(name)) continue
      if (this.#request) told(name, 'is required by them alone', found.lenient)
      else told(name, 'is not always sent')
    }
    for (const name of this.#request ? ours.required : [])
      if (!theirs.required.has(name)) told(name, 'is required by us alone')
    if (typeof ours.others === 'object' && typeof theirs.others === 'object')
      merge(found, this.whole(ours.others, theirs.others, `${at}.*`))
    return found
  }

  /** A field that we refuse by name, and that this description does not hold: an older or a newer one does. */
  #knownFromElsewhere(schema: Schema): boolean {
    return this.#request && fieldRefused(alternatives(schema, this.#ours)) !== null
  }

  /** Whether two objects can be the same: no field that names their kind says otherwise; among several, any may. */
  #alike(one: Alternative, other: Alternative, among: boolean): boolean {
    return Object.keys(one.properties).every((name) => {
      if (other.properties[name] === undefined) return true
      if (!among && name !== 'type' && name !== 'role') return true
      const here = valuesOf(one.properties[name], this.#from.document)
      const there = valuesOf(other.properties[name], this.#to.document)
      return here === null || there === null || here.some((value) => there.includes(value))
    })
  }

  /** `{type=message}`: what tells this object from its like. */
  #tag({ properties }: Alternative): string {
    const said = ['type', 'role'].flatMap((name) => {
      const values = properties[name] === undefined ? null : valuesOf(properties[name], this.#from.document)
      return values?.length === 1 ? [`${name}=${values[0]}`] : []
    })
    return said.length === 0 ? '' : `{${said.join(',')}}`
  }
}

/** The values of a field that can only have some, null left aside. */
function valuesOf(schema: Schema, document: Document): unknown[] | null {
  const all = alternatives(schema, document).filter(({ type }) => type !== 'null')
  if (all.some(({ type, values }) => type === 'any' || values === null)) return null
  const values = all.flatMap((each) => each.values ?? [])
  return values.length === 0 ? null : values
}

/** Values and types that we take and that they do not name. */
function alsoTaken(ours: Alternative[], theirs: Alternative[], at: string): Difference[] {
  return ours.flatMap((one) => {
    if (one.type === 'null' || kindRefused([one]) !== null) return []
    const same = theirs.filter(({ type }) => holds(type, one.type) || holds(one.type, type))
    if (same.length === 0) return [{ at, what: `ours may also be ${named(one)}` }]
    if (one.values === null || same.some(({ values }) => values === null)) return []
    const more = one.values.filter((value) => !same.some(({ values }) => values?.includes(value)))
    return more.map((value) => ({ at, what: `ours may also be ${JSON.stringify(value)}` }))
  })
}

/** An object of which nothing is said but that it is one. */
const open = ({ properties, others }: Alternative) => Object.keys(properties).length === 0 && others !== false
