/**
 * A language of bytes as a network of states: a state takes bytes, chooses among others, calls a rule and goes on where
 * that ends, or ends the rule it belongs to. A rule in progress has one counter, for lengths. Everything that follows
 * from a state is finite in size, however deep documents nest, because rules call each other.
 */
import { SchemaError } from './error.ts'

export interface Edge {
  low: number
  high: number
  to: number
  /** The edge counts, up to this. */
  cap?: number
}

export interface Way {
  to: number
  /** Open where the counter is at least this. */
  least?: number
  /** Open where the counter is below this. */
  below?: number
}

export type State =
  | { kind: 'bytes'; edges: Edge[] }
  | { kind: 'split'; ways: Way[] }
  | { kind: 'call'; rule: number; to: number; cap?: number }
  | { kind: 'end' }

/** Where a rule's counter matters: at least `least`, at most `most`. */
export interface Counted {
  least: number
  most: number
}

export interface Program {
  states: readonly State[]
  /** By state, for states of rules that count. */
  counted: ReadonlyMap<number, Counted>
  start: number
}

const utf8 = new TextEncoder()

/** Lays states one behind the other, last ones first: each is given the state that follows it. */
export class Builder {
  readonly counted = new Map<number, Counted>()
  private readonly states: State[] = [{ kind: 'end' }]
  private readonly limit: number
  private readonly chains = new Map<string, number>()

  constructor(limit: number) {
    this.limit = limit
  }

  /** Ends the rule that it is part of. */
  readonly end = 0

  add(state: State): number {
    if (this.states.length >= this.limit)
      throw new SchemaError([], `The schema is too large: it needs more than ${this.limit} states. Simplify it.`)
    return this.states.push(state) - 1
  }

  /** A state that is set later, so that loops can be laid. */
  reserve(): number {
    return this.add({ kind: 'split', ways: [] })
  }

  set(at: number, state: State): void {
    this.states[at] = state
  }

  bytes(...edges: Edge[]): number {
    return this.add({ kind: 'bytes', edges })
  }

  split(ways: readonly (number | Way)[]): number {
    return this.add({ kind: 'split', ways: ways.map((way) => (typeof way === 'number' ? { to: way } : way)) })
  }

  call(rule: number, to: number, cap?: number): number {
    return this.add({ kind: 'call', rule, to, ...(cap === undefined ? {} : { cap }) })
  }

  /** These bytes and no others. */
  text(text: string, to: number): number {
    let next = to
    for (const byte of utf8.encode(text).reverse()) next = this.bytes({ low: byte, high: byte, to: next })
    return next
  }

  /** One of these texts; shared beginnings are laid once. */
  texts(texts: readonly { text: string; to: number }[]): number {
    return this.branch(
      texts.map(({ text, to }) => ({ bytes: utf8.encode(text), to })),
      0,
    )
  }

  private branch(texts: readonly { bytes: Uint8Array; to: number }[], at: number): number {
    const here = texts.filter(({ bytes }) => bytes.length === at).map(({ to }) => to)
    const groups = Map.groupBy(
      texts.filter(({ bytes }) => bytes.length > at),
      ({ bytes }) => bytes[at],
    )
    const edges = [...groups].map(([byte, group]) => ({ low: byte, high: byte, to: this.branch(group, at + 1) }))
    const taking = this.bytes(...edges)
    return here.length === 0 ? taking : this.split([...here, taking])
  }

  /** Edges that take one of the code points from `low` to `high`, none of them a surrogate, in UTF-8. */
  codePoints(low: number, high: number, to: number, cap?: number): Edge[] {
    const edges: Edge[] = []
    for (const ranges of utf8Ranges(low, high)) {
      let next = to
      for (const range of ranges.slice(1).reverse()) next = this.chain(range, next)
      edges.push({ low: ranges[0].low, high: ranges[0].high, to: next, ...(cap === undefined ? {} : { cap }) })
    }
    return edges
  }

  private chain(range: ByteRange, to: number): number {
    const key = `${range.low} ${range.high} ${to}`
    const known = this.chains.get(key)
    if (known !== undefined) return known
    const made = this.bytes({ ...range, to })
    this.chains.set(key, made)
    return made
  }

  /** The program, without what cannot be finished. @throws SchemaError where nothing can. */
  finish(start: number): Program {
    const live = finishable(this.states)
    if (!live[start]) throw new SchemaError([], 'No document can satisfy this schema.')
    const states = this.states.map((state): State => {
      if (state.kind === 'bytes') return { kind: 'bytes', edges: state.edges.filter(({ to }) => live[to]) }
      if (state.kind === 'split') return { kind: 'split', ways: state.ways.filter(({ to }) => live[to]) }
      return state
    })
    return { states, counted: this.counted, start }
  }
}

interface ByteRange {
  low: number
  high: number
}

const lengths = [0x7f, 0x7ff, 0xffff, 0x10ffff]

/** Ranges of code points as sequences of byte ranges that are taken one after the other. */
function utf8Ranges(low: number, high: number): ByteRange[][] {
  if (low > high) return []
  if (low <= 0xdfff && high >= 0xd800) return [...utf8Ranges(low, 0xd7ff), ...utf8Ranges(Math.max(low, 0xe000), high)]
  const border = lengths.find((last) => low <= last && last < high)
  if (border !== undefined) return [...utf8Ranges(low, border), ...utf8Ranges(border + 1, high)]
  const size = lengths.findIndex((last) => high <= last)
  // Within one length, cut until the later bytes run through all their values or stand still.
  for (let at = 1; at <= size; at++) {
    const span = 2 ** (6 * at) - 1
    if ((low & ~span) === (high & ~span)) continue
    if ((low & span) !== 0) return [...utf8Ranges(low, low | span), ...utf8Ranges((low | span) + 1, high)]
    if ((high & span) !== span) return [...utf8Ranges(low, (high & ~span) - 1), ...utf8Ranges(high & ~span, high)]
  }
  const first = utf8.encode(String.fromCodePoint(low))
  const last = utf8.encode(String.fromCodePoint(high))
  return [Array.from(first, (byte, at) => ({ low: byte, high: last[at] }))]
}

/** Which states lead to the end of their rule. Counters are left out: rules that count never need to be stuck by them. */
function finishable(states: readonly State[]): Uint8Array {
  const live = new Uint8Array(states.length)
  const before: number[][] = states.map(() => [])
  for (const [at, state] of states.entries()) for (const to of targets(state)) before[to].push(at)
  const queue = states.flatMap((state, at) => (state.kind === 'end' ? [at] : []))
  while (queue.length > 0) {
    const at = queue.pop() as number
    const state = states[at]
    if (live[at] === 1 || (state.kind === 'call' && (live[state.rule] === 0 || live[state.to] === 0))) continue
    live[at] = 1
    queue.push(...before[at])
  }
  return live
}

function targets(state: State): number[] {
  if (state.kind === 'bytes') return state.edges.map(({ to }) => to)
  if (state.kind === 'split') return state.ways.map(({ to }) => to)
  return state.kind === 'call' ? [state.rule, state.to] : []
}
