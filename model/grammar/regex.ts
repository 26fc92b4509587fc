/** The regular expressions of JSON Schema, as far as they are regular: no back references, no looking behind. */
import { type Automaton, determine, intersect, lastCodePoint, type Network, type Range } from './automaton.ts'
import { SchemaError } from './error.ts'

type Node =
  | { type: 'set'; ranges: Range[] }
  | { type: 'sequence'; parts: Node[] }
  | { type: 'choice'; parts: Node[] }
  | { type: 'repeat'; part: Node; least: number; most: number }

/** One alternative of the whole expression. */
interface Alternative {
  /** Looked for at the beginning. */
  ahead: { negative: boolean; node: Node }[]
  fromStart: boolean
  toEnd: boolean
  node: Node
}

export interface RegexLimits {
  /** Characters of the source. */
  source: number
  /** States of one automaton. */
  states: number
}

const all: Range = { low: 0, high: lastCodePoint }
const anything: Node = {
  type: 'repeat',
  part: { type: 'set', ranges: [all] },
  least: 0,
  most: Number.POSITIVE_INFINITY,
}
const code = (character: string) => character.codePointAt(0) as number
const span = (text: string): Range[] =>
  text.split(' ').map((pair) => ({ low: code(pair), high: code([...pair][1] ?? pair) }))

const digits = span('09')
const letters = span('09 AZ __ az')
const space = [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff]
  .map((at) => ({ low: at, high: at }))
  .concat([{ low: 0x2000, high: 0x200a }])
const lineEnds = [0x0a, 0x0d, 0x2028, 0x2029].map((at) => ({ low: at, high: at }))

/** The texts that `pattern` finds itself in. @throws SchemaError for what is not a regular expression, not supported or too large. */
export function regexAutomaton(pattern: string, limits: RegexLimits): Automaton {
  if (pattern.length > limits.source)
    throw new SchemaError([], `The pattern has ${pattern.length} characters, the limit is ${limits.source}.`)
  const alternatives = new Parser(pattern).alternatives()
  if (alternatives.every(({ ahead }) => ahead.length === 0))
    return determine(network({ type: 'choice', parts: alternatives.map(unanchored) }, limits.states), limits.states)
  const [only, ...more] = alternatives
  if (more.length > 0) fail('looking ahead is supported in patterns of one alternative', 0)
  const part = (node: Node) => determine(network(node, limits.states), limits.states)
  const looked = only.ahead.map(({ negative, node }) => ({
    negative,
    automaton: part({ type: 'sequence', parts: [node, anything] }),
  }))
  return intersect(
    [part(unanchored(only)), ...looked.filter((each) => !each.negative).map((each) => each.automaton)],
    looked.filter((each) => each.negative).map((each) => each.automaton),
    limits.states,
  )
}

const unanchored = ({ fromStart, toEnd, node }: Alternative): Node => ({
  type: 'sequence',
  parts: [...(fromStart ? [] : [anything]), node, ...(toEnd ? [] : [anything])],
})

function fail(what: string, at: number): never {
  throw new SchemaError([], `The pattern is not supported: ${what} (character ${at + 1}).`)
}

const mostRepeats = 10_000

class Parser {
  private readonly source: string[]
  private at = 0

  constructor(source: string) {
    this.source = [...source]
  }

  alternatives(): Alternative[] {
    const out: Alternative[] = []
    do {
      const fromStart = this.take('^')
      const ahead: Alternative['ahead'] = []
      while (fromStart && (this.sees('(?=') || this.sees('(?!'))) ahead.push(this.lookAhead())
      const node = this.sequence()
      out.push({ ahead, fromStart, toEnd: this.take('$'), node })
    } while (this.take('|'))
    if (this.at < this.source.length)
      fail(`'${this.source[this.at]}' stands where nothing of the kind may stand`, this.at)
    return out
  }

  private lookAhead(): { negative: boolean; node: Node } {
    const negative = this.sees('(?!')
    this.at += 3
    const node = this.choice()
    // An end within means the end of the whole text.
    const whole = this.take('$')
    if (whole) fail("'$' in a look ahead", this.at)
    this.expect(')')
    return { negative, node }
  }

  private choice(): Node {
    const parts = [this.sequence()]
    while (this.take('|')) parts.push(this.sequence())
    return parts.length === 1 ? parts[0] : { type: 'choice', parts }
  }

  private sequence(): Node {
    const parts: Node[] = []
    while (this.at < this.source.length && !['|', ')', '$'].includes(this.source[this.at])) parts.push(this.repeated())
    return { type: 'sequence', parts }
  }

  private repeated(): Node {
    let node = this.atom()
    for (;;) {
      const bounds = this.bounds()
      if (bounds === null) return node
      // Lazy or greedy, the same texts are found.
      this.take('?')
      node = { type: 'repeat', part: node, ...bounds }
    }
  }

  private bounds(): { least: number; most: number } | null {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
    if (this.take('?')) return { least: 0, most: 1 }
    const found = /^\{(\d{1,5})(?:(,)(\d{0,5}))?\}/.exec(this.source.slice(this.at, this.at + 13).join(''))
    if (found === null) return null
    this.at += found[0].length
    const least = Number(found[1])
    const most = found[2] === undefined ? least : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
    if (most < least || least > mostRepeats) fail('a repetition that is not a range', this.at - 1)
    return { least, most }
  }

  private atom(): Node {
    const start = this.at
    const character = this.source[this.at++]
    if (character === '(') return this.group(start)
    if (character === '[') return { type: 'set', ranges: this.characterClass() }
    if (character === '.') return { type: 'set', ranges: opposite(lineEnds) }
    if (character === '\\') return { type: 'set', ranges: this.escape(false) }
    if ('*+?{'.includes(character)) return fail(`'${character}' repeats nothing`, start)
    if (character === '^') return fail("'^' anywhere but at the beginning", start)
    return { type: 'set', ranges: [{ low: code(character), high: code(character) }] }
  }

  private group(start: number): Node {
    if (this.take('?') && !this.take(':')) {
      const name = /^<[A-Za-z_]\w*>/.exec(this.source.slice(this.at, this.at + 80).join(''))
      if (name === null) fail('looking ahead or behind within a pattern', start)
      else this.at += name[0].length
    }
    const node = this.choice()
    this.expect(')')
    return node
  }

  private characterClass(): Range[] {
    const start = this.at - 1
    const negative = this.take('^')
    const ranges: Range[] = []
    while (!this.take(']')) {
      if (this.at >= this.source.length) fail("'[' without ']'", start)
      const from = this.classPart()
      if (
        from.length === 1 &&
        from[0].low === from[0].high &&
        this.source[this.at] === '-' &&
        this.source[this.at + 1] !== ']'
      ) {
        this.at++
        const to = this.classPart()
        if (to.length !== 1 || to[0].low !== to[0].high || to[0].low < from[0].low)
          fail('a range of classes', this.at - 1)
        ranges.push({ low: from[0].low, high: to[0].high })
      } else ranges.push(...from)
    }
    return negative ? opposite(ranges) : ranges
  }

  private classPart(): Range[] {
    const character = this.source[this.at++]
    if (character === undefined) fail("'[' without ']'", this.at - 1)
    return character === '\\' ? this.escape(true) : [{ low: code(character), high: code(character) }]
  }

  private escape(inClass: boolean): Range[] {
    const start = this.at - 1
    const character = this.source[this.at++] ?? fail("'\\' at the end", start)
    const named = classes[character]
    if (named !== undefined) return named
    const control = { n: 10, r: 13, t: 9, f: 12, v: 11, '0': 0 }[character]
    if (control !== undefined) return [{ low: control, high: control }]
    if (inClass && character === 'b') return [{ low: 8, high: 8 }]
    if (character === 'u' || character === 'x') return this.numbered(character, start)
    if (/[A-Za-z1-9]/.test(character)) fail(`'\\${character}'`, start)
    return [{ low: code(character), high: code(character) }]
  }

  private numbered(kind: string, start: number): Range[] {
    const rest = this.source.slice(this.at, this.at + 10).join('')
    const found = (kind === 'x' ? /^([0-9a-fA-F]{2})/ : /^(?:([0-9a-fA-F]{4})|\{([0-9a-fA-F]{1,6})\})/).exec(rest)
    const value = found === null ? -1 : Number.parseInt(found[1] ?? found[2], 16)
    if (found === null || value > lastCodePoint || (value >= 0xd800 && value <= 0xdfff))
      return fail(`'\\${kind}'`, start)
    this.at += found[0].length
    return [{ low: value, high: value }]
  }

  private sees(text: string): boolean {
    return this.source.slice(this.at, this.at + text.length).join('') === text
  }

  private take(character: string): boolean {
    if (this.source[this.at] !== character) return false
    this.at++
    return true
  }

  private expect(character: string): void {
    if (this.source[this.at] === '$') fail("'$' anywhere but at the end", this.at)
    if (!this.take(character)) fail(`'${character}' is missing`, this.at)
  }
}

function opposite(ranges: readonly Range[]): Range[] {
  const out: Range[] = []
  let next = 0
  for (const { low, high } of [...ranges].sort((a, b) => a.low - b.low)) {
    if (low > next) out.push({ low: next, high: low - 1 })
    next = Math.max(next, high + 1)
  }
  if (next <= lastCodePoint) out.push({ low: next, high: lastCodePoint })
  return out
}

const classes: Readonly<Record<string, Range[]>> = {
  __proto__: null as never,
  d: digits,
  D: opposite(digits),
  w: letters,
  W: opposite(letters),
  s: space,
  S: opposite(space),
}

/** Thompson's construction; repetitions are written out. */
function network(node: Node, limit: number): Network {
  const free: number[][] = []
  const edges: Network['edges'] = []
  const most = 8 * limit
  const state = () => {
    if (free.length >= most) throw new SchemaError([], `The pattern needs more than ${most} steps. Simplify it.`)
    edges.push([])
    return free.push([]) - 1
  }
  const lay = (part: Node, from: number): number => {
    if (part.type === 'sequence') return part.parts.reduce((at, each) => lay(each, at), from)
    const to = state()
    if (part.type === 'set') edges[from].push(...part.ranges.map((range) => ({ ...range, to })))
    else if (part.type === 'choice') for (const each of part.parts) free[lay(each, branch(from))].push(to)
    else {
      let at = from
      for (let i = 0; i < part.least; i++) at = lay(part.part, at)
      if (part.most === Number.POSITIVE_INFINITY) {
        const loop = branch(at)
        free[lay(part.part, loop)].push(loop)
        free[loop].push(to)
      } else {
        free[at].push(to)
        for (let i = part.least; i < part.most; i++) {
          at = lay(part.part, branch(at))
          free[at].push(to)
        }
      }
    }
    return to
  }
  const branch = (from: number) => {
    const to = state()
    free[from].push(to)
    return to
  }
  const start = state()
  const end = lay(node, start)
  return { free, edges, start, end }
}
