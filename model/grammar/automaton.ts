/** Deterministic automata over code points: made from regular expressions, cut with each other, turned into their opposites. */
import { SchemaError } from './error.ts'

export interface Range {
  low: number
  high: number
}

export interface AutomatonState {
  accepts: boolean
  /** Disjoint, in rising order. */
  edges: (Range & { to: number })[]
}

/** State 0 begins. */
export interface Automaton {
  states: AutomatonState[]
}

export const lastCodePoint = 0x10ffff

/** A network with choices that take nothing, before it is made deterministic. */
export interface Network {
  /** By state: where it leads without taking anything. */
  free: number[][]
  edges: (Range & { to: number })[][]
  start: number
  end: number
}

/** At most `limit` states. @throws SchemaError beyond. */
export function determine(network: Network, limit: number): Automaton {
  return explore(closure(network, [network.start]), limit, {
    name: (set) => set.join(' '),
    accepts: (set) => set.includes(network.end),
    edges: (set) => {
      const edges = set.flatMap((state) => network.edges[state])
      return cutAtBorders(edges).map(({ low, high }) => {
        const reached = edges.filter((each) => each.low <= low && each.high >= high).map(({ to }) => to)
        return { low, high, to: closure(network, reached) }
      })
    },
  })
}

/** What every one of the automata takes, and what none of the `without` does. */
export function intersect(automata: readonly Automaton[], without: readonly Automaton[], limit: number): Automaton {
  const all = [...automata, ...without]
  const wanted = all.map((_, at) => at < automata.length)
  return explore(
    all.map(() => 0),
    limit,
    {
      name: (places) => places.join(' '),
      accepts: (places) => places.every((place, at) => (place >= 0 && all[at].states[place].accepts) === wanted[at]),
      edges: (places) => {
        const edges = places.map((place, at) => (place >= 0 ? all[at].states[place].edges : []))
        return cutAtBorders([...edges.flat(), { low: 0, high: lastCodePoint }]).flatMap(({ low, high }) => {
          const to = edges.map((list) => list.find((each) => each.low <= low && each.high >= high)?.to ?? -1)
          return to.some((place, at) => place < 0 && wanted[at]) ? [] : [{ low, high, to }]
        })
      },
    },
  )
}

/** Texts of `least` to `most` characters. */
export function lengthAutomaton(least: number, most: number): Automaton {
  const unlimited = most === Number.POSITIVE_INFINITY
  const last = unlimited ? least : most
  const states = Array.from({ length: last + 1 }, (_, at): AutomatonState => {
    const to = at < last ? at + 1 : unlimited ? at : -1
    return { accepts: at >= least, edges: to < 0 ? [] : [{ low: 0, high: lastCodePoint, to }] }
  })
  return { states }
}

/** Any text but these. */
export function otherThan(texts: readonly string[]): Automaton {
  const free = 0
  const states: AutomatonState[] = [{ accepts: true, edges: [{ low: 0, high: lastCodePoint, to: free }] }]
  const lay = (rest: readonly number[][]): number => {
    const at = states.push({ accepts: !rest.some((codes) => codes.length === 0), edges: [] }) - 1
    const groups = Map.groupBy(
      rest.filter((codes) => codes.length > 0),
      (codes) => codes[0],
    )
    let next = 0
    for (const code of [...groups.keys()].sort((a, b) => a - b)) {
      if (code > next) states[at].edges.push({ low: next, high: code - 1, to: free })
      const group = groups.get(code) as number[][]
      states[at].edges.push({ low: code, high: code, to: lay(group.map((codes) => codes.slice(1))) })
      next = code + 1
    }
    if (next <= lastCodePoint) states[at].edges.push({ low: next, high: lastCodePoint, to: free })
    return at
  }
  const start = lay(texts.map((text) => Array.from(text, (character) => character.codePointAt(0) as number)))
  return startingAt({ states }, start)
}

function startingAt({ states }: Automaton, start: number): Automaton {
  const swap = (at: number) => (at === start ? 0 : at === 0 ? start : at)
  const ordered = states.map((_, at) => states[swap(at)])
  return {
    states: ordered.map(({ accepts, edges }) => ({
      accepts,
      edges: edges.map((edge) => ({ ...edge, to: swap(edge.to) })),
    })),
  }
}

interface Exploring<T> {
  name(place: T): string
  accepts(place: T): boolean
  edges(place: T): (Range & { to: T })[]
}

/** Numbers what can be reached from `start`, and leaves out what leads nowhere. */
function explore<T>(start: T, limit: number, { name, accepts, edges }: Exploring<T>): Automaton {
  const numbers = new Map([[name(start), 0]])
  const queue = [start]
  const states: AutomatonState[] = []
  for (let at = 0; at < queue.length; at++) {
    const found = edges(queue[at]).map(({ low, high, to }) => {
      const key = name(to)
      let number = numbers.get(key)
      if (number === undefined) {
        number = queue.push(to) - 1
        numbers.set(key, number)
        if (number >= limit) throw new SchemaError([], `It needs more than ${limit} states. Simplify it.`)
      }
      return { low, high, to: number }
    })
    states.push({ accepts: accepts(queue[at]), edges: joined(found) })
  }
  return leadingSomewhere(states)
}

/** Neighbouring ranges with the same target become one. */
function joined(edges: readonly (Range & { to: number })[]): (Range & { to: number })[] {
  const out: (Range & { to: number })[] = []
  for (const edge of edges) {
    const before = out[out.length - 1]
    if (before !== undefined && before.to === edge.to && before.high + 1 === edge.low) before.high = edge.high
    else out.push({ ...edge })
  }
  return out
}

function leadingSomewhere(states: AutomatonState[]): Automaton {
  const before: number[][] = states.map(() => [])
  for (const [at, { edges }] of states.entries()) for (const { to } of edges) before[to].push(at)
  const live = new Set<number>()
  const queue = states.flatMap(({ accepts }, at) => (accepts ? [at] : []))
  while (queue.length > 0) {
    const at = queue.pop() as number
    if (live.has(at)) continue
    live.add(at)
    queue.push(...before[at])
  }
  return {
    states: states.map(({ accepts, edges }) => ({ accepts, edges: edges.filter(({ to }) => live.has(to)) })),
  }
}

/** The ranges that the borders of all ranges cut them into. */
function cutAtBorders(ranges: readonly Range[]): Range[] {
  const changes = new Map<number, number>()
  const change = (at: number, by: number) => changes.set(at, (changes.get(at) ?? 0) + by)
  for (const { low, high } of ranges) {
    change(low, 1)
    change(high + 1, -1)
  }
  const borders = [...changes].sort(([a], [b]) => a - b)
  const out: Range[] = []
  let covering = 0
  for (const [at, [low, by]] of borders.entries()) {
    covering += by
    if (covering > 0) out.push({ low, high: borders[at + 1][0] - 1 })
  }
  return out
}

function closure({ free }: Network, states: readonly number[]): number[] {
  const seen = new Set(states)
  const queue = [...states]
  while (queue.length > 0)
    for (const to of free[queue.pop() as number])
      if (!seen.has(to)) {
        seen.add(to)
        queue.push(to)
      }
  return [...seen].sort((a, b) => a - b)
}
