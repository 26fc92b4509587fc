/** JSON arrays and objects around the rules of what stands in them. */
import type { Builder, Edge, Way } from './program.ts'

/** Spaces after a line break. */
const mostIndentation = 24

const edge = (character: string, to: number): Edge => ({
  low: character.charCodeAt(0),
  high: character.charCodeAt(0),
  to,
})

/** Nothing, one space, or a line break with an indentation: what people write, and no more, so that it ends. */
export function whiteSpace(to: Builder): number {
  const indent = to.reserve()
  const space = to.bytes({ ...edge(' ', indent), cap: mostIndentation })
  to.set(indent, { kind: 'split', ways: [{ to: to.end }, { to: space, below: mostIndentation }] })
  for (const state of [indent, space]) to.counted.set(state, { least: 0, most: mostIndentation })
  return to.split([to.end, to.bytes(edge(' ', to.end), edge('\n', indent))])
}

export interface Items {
  /** Rules of the first items, one each. */
  first: readonly number[]
  /** The rule of all further items; null where there are none. */
  item: number | null
  least: number
  most: number
}

export function arrayRule(to: Builder, space: number, items: Items): number {
  if (items.least > items.most) return to.split([])
  const close = to.call(space, to.bytes(edge(']', to.end)))
  const inside =
    items.item === null ? fixedItems(to, space, items, close) : repeated(to, space, items.item, items, close)
  return to.bytes(edge('[', inside))
}

/** Each item has its own states, so that what must come is known without counting. */
function fixedItems(to: Builder, space: number, { first, least, most }: Items, close: number): number {
  const count = Math.min(first.length, most)
  let after = count >= least ? close : to.split([])
  for (let at = count - 1; at >= 0; at--) {
    const item = to.call(space, to.call(first[at], after))
    const comes = at === 0 ? item : to.bytes(edge(',', item))
    after = to.split([...(at >= least ? [close] : []), comes])
  }
  return after
}

function repeated(to: Builder, space: number, item: number, { least, most }: Items, close: number): number {
  if (most === 0) return close
  const bounded = most < Number.POSITIVE_INFINITY
  const cap = bounded ? most : least > 0 ? least : undefined
  const loop = to.reserve()
  const next = to.call(item, loop, cap)
  const more = to.call(space, next)
  const comma = to.bytes(edge(',', more))
  const ways: Way[] = [
    { to: close, ...(least > 0 ? { least } : {}) },
    { to: comma, ...(bounded ? { below: most } : {}) },
  ]
  to.set(loop, { kind: 'split', ways })
  const counted = { least, most: bounded ? most : Number.MAX_SAFE_INTEGER }
  if (cap !== undefined) for (const state of [loop, next, more, comma]) to.counted.set(state, counted)
  return to.split([...(least === 0 ? [close] : []), more])
}

export interface Property {
  name: string
  required: boolean
  /** The rule of its value. */
  value: number
}

/** The rules of properties beyond those that are named. */
export interface Extra {
  key: number
  value: number
}

/** Properties stand in their order; those that are not required may be left out, further ones follow at the end. */
export function objectRule(to: Builder, space: number, properties: readonly Property[], extra: Extra | null): number {
  const close = to.call(space, to.bytes(edge('}', to.end)))
  const value = (rule: number, then: number) => {
    const called = to.call(rule, then)
    return to.bytes(edge(':', to.split([called, to.bytes(edge(' ', called))])))
  }
  const comma = (key: number) => to.bytes(edge(',', to.call(space, key)))
  // What may come after all named ones, at the end of the object and before its first key.
  const afterExtra = to.reserve()
  const extraKey = extra === null ? to.split([]) : to.call(extra.key, value(extra.value, afterExtra))
  to.set(afterExtra, { kind: 'split', ways: [{ to: close }, ...(extra === null ? [] : [{ to: comma(extraKey) }])] })
  let keys = extraKey
  let after = afterExtra
  let mayClose = true
  for (const property of [...properties].reverse()) {
    const key = to.text(JSON.stringify(property.name), value(property.value, after))
    keys = property.required ? key : to.split([key, keys])
    mayClose &&= !property.required
    after = to.split([...(mayClose ? [close] : []), comma(keys)])
  }
  return to.bytes(edge('{', to.split([...(mayClose ? [close] : []), to.call(space, keys)])))
}
