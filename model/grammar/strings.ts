/** JSON strings: free ones, and those whose characters an automaton decides. */
import type { Automaton } from './automaton.ts'
import type { Builder, Edge, Way } from './program.ts'

const last = 0x10ffff
const escapes = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
])

const edge = (character: string, to: number): Edge => {
  const byte = character.charCodeAt(0)
  return { low: byte, high: byte, to }
}
const range = (low: string, high: string, to: number): Edge => ({
  low: low.charCodeAt(0),
  high: high.charCodeAt(0),
  to,
})

/** Any string of `least` to `most` characters, with every escape that JSON has. */
export function freeString(to: Builder, least: number, most: number): number {
  const loop = to.reserve()
  const counts = least > 0 || most < Number.POSITIVE_INFINITY
  const cap = counts ? (most < Number.POSITIVE_INFINITY ? most : least) : undefined
  const character = to.bytes(
    ...to.codePoints(0x20, 0x21, loop, cap),
    ...to.codePoints(0x23, 0x5b, loop, cap),
    ...to.codePoints(0x5d, last, loop, cap),
    { ...edge('\\', escape(to, loop)), ...(cap === undefined ? {} : { cap }) },
  )
  const close = to.bytes(edge('"', to.end))
  const ways: Way[] = [
    { to: close, ...(least > 0 ? { least } : {}) },
    { to: character, ...(most < Number.POSITIVE_INFINITY ? { below: most } : {}) },
  ]
  to.set(loop, { kind: 'split', ways })
  if (counts) {
    const range = { least, most: most < Number.POSITIVE_INFINITY ? most : Number.MAX_SAFE_INTEGER }
    for (const state of [loop, character, close]) to.counted.set(state, range)
  }
  return to.bytes(edge('"', loop))
}

/** What may stand after a backslash: the short escapes, and \u with a character or a whole surrogate pair. */
function escape(to: Builder, next: number): number {
  const hex = (then: number) => to.bytes(range('0', '9', then), range('a', 'f', then), range('A', 'F', then))
  const two = hex(hex(next))
  const three = hex(two)
  const low = to.bytes(range('c', 'f', two), range('C', 'F', two))
  const pair = to.text('\\u', to.bytes(edge('d', low), edge('D', low)))
  const afterD = to.bytes(range('0', '7', two), ...['89', 'ab', 'AB'].map(([a, b]) => range(a, b, hex(hex(pair)))))
  const wide = [range('a', 'c', three), range('e', 'f', three), range('A', 'C', three), range('E', 'F', three)]
  const unicode = to.bytes(range('0', '9', three), ...wide, edge('d', afterD), edge('D', afterD))
  return to.bytes(...['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map((short) => edge(short, next)), edge('u', unicode))
}

/**
 * Strings whose characters the automaton takes. Each character has one form: escaped where it must be, itself elsewhere,
 * so that what the automaton leaves out cannot come in by another spelling.
 */
export function automatonString(to: Builder, automaton: Automaton): number {
  const places = automaton.states.map(() => to.reserve())
  for (const [at, { accepts, edges }] of automaton.states.entries()) {
    const taken = edges.flatMap((each) => plain(to, each.low, each.high, places[each.to]))
    const escaped = edges.flatMap((each) =>
      mustEscape(each.low, each.high).map((text) => ({ text, to: places[each.to] })),
    )
    if (escaped.length > 0) taken.push(edge('\\', to.texts(escaped)))
    if (accepts) taken.push(edge('"', to.end))
    to.set(places[at], { kind: 'bytes', edges: taken })
  }
  return to.bytes(edge('"', places[0]))
}

function plain(to: Builder, low: number, high: number, next: number): Edge[] {
  const pieces = [
    [0x20, 0x21],
    [0x23, 0x5b],
    [0x5d, last],
  ]
  return pieces.flatMap(([first, final]) => to.codePoints(Math.max(low, first), Math.min(high, final), next))
}

/** What follows the backslash, for each character of the range that cannot stand as it is. */
function mustEscape(low: number, high: number): string[] {
  const found: string[] = []
  for (const code of [...Array(0x20).keys(), 0x22, 0x5c]) {
    if (code < low || code > high) continue
    found.push(escapes.get(code) ?? `u${code.toString(16).padStart(4, '0')}`)
  }
  return found
}
