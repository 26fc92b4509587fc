/** Runs a program over bytes. What it has read so far is a set of frames: the states it may be in, each with what called it. */
import type { Program } from './program.ts'

interface Frame {
  id: number
  state: number
  count: number
  /** Where the rule's end leads; null at the outermost. */
  parent: Frame | null
}

/** A set of frames that was met; the same set is the same object. */
interface Place {
  frames: readonly Frame[]
  /** What was read may end here. */
  complete: boolean
  /** Place number by byte; not yet known: -2, nowhere: -1. */
  next: Int32Array | null
}

/** Beyond this many frames in one set, what is ambiguous is decided for the first ones: fewer documents, never wrong ones. */
const mostFrames = 512

export class Machine {
  readonly start: number
  private readonly program: Program
  private readonly frames = new Map<string, Frame>()
  private readonly places: Place[] = []
  private readonly numbers = new Map<string, number>()

  constructor(program: Program) {
    this.program = program
    this.start = this.placeOf(this.close([this.frame(program.start, 0, null)]))
  }

  /** Places met so far: what the machine holds in memory grows with it. */
  get size(): number {
    return this.places.length
  }

  /** Whether what was read may end at this place. */
  complete(place: number): boolean {
    return this.places[place].complete
  }

  /** Whether nothing may follow. */
  final(place: number): boolean {
    return this.places[place].frames.length === 0
  }

  /** The place after one more byte; -1 where the byte may not follow. */
  step(place: number, byte: number): number {
    const here = this.places[place]
    here.next ??= new Int32Array(256).fill(-2)
    const known = here.next[byte]
    if (known !== -2) return known
    return this.advance(here, here.next, byte)
  }

  /** The place after some bytes; -1 where they may not follow. */
  run(place: number, bytes: Uint8Array): number {
    let at = place
    for (let i = 0; i < bytes.length && at >= 0; i++) at = this.step(at, bytes[i])
    return at
  }

  /**
   * The same for places after which the same `reach` bytes may follow: counters that are too far from their ends to be
   * felt, and callers that are too far away to be reached, make no difference.
   */
  horizon(place: number, reach: number): string {
    const { frames, complete } = this.places[place]
    return `${complete}|${frames.map((frame) => this.view(frame, reach)).join('|')}`
  }

  /** The number here of another machine's place; both run the same program. */
  adopt(other: Machine, place: number): number {
    const { frames, complete } = other.places[place]
    return this.placeOf({ frames: frames.map((frame) => this.copy(frame)), complete })
  }

  private copy(frame: Frame): Frame {
    const line: Frame[] = []
    for (let at: Frame | null = frame; at !== null; at = at.parent) line.push(at)
    let made: Frame | null = null
    for (const { state, count } of line.reverse()) made = this.frame(state, count, made)
    return made as Frame
  }

  private view(frame: Frame, reach: number): string {
    let text = ''
    let at: Frame | null = frame
    for (let depth = 0; at !== null && depth <= reach; depth++, at = at.parent) {
      const counted = this.program.counted.get(at.state)
      text += ` ${at.state}`
      if (counted === undefined) {
        if (at.count > 0) text += `=${at.count}`
        continue
      }
      const missing = Math.min(reach, Math.max(0, counted.least - at.count))
      const left = Math.min(reach, counted.most - at.count)
      text += `:${missing}:${left}`
    }
    return at === null ? `${text} .` : text
  }

  /** Finds the place after a byte, and notes it for the neighbouring bytes that lead to the same. */
  private advance(here: Place, next: Int32Array, byte: number): number {
    const reached: Frame[] = []
    let [first, last] = [0, 255]
    for (const { state, count, parent } of here.frames) {
      const taking = this.program.states[state]
      if (taking.kind !== 'bytes') continue
      for (const { low, high, to, cap } of taking.edges) {
        if (high < byte) first = Math.max(first, high + 1)
        else if (low > byte) last = Math.min(last, low - 1)
        else {
          first = Math.max(first, low)
          last = Math.min(last, high)
          reached.push(this.frame(to, counting(count, cap), parent))
        }
      }
    }
    const found = reached.length === 0 ? -1 : this.placeOf(this.close(reached))
    next.fill(found, first, last + 1)
    return found
  }

  /** Follows what takes no byte: choices, calls and ends. */
  private close(from: readonly Frame[]): { frames: Frame[]; complete: boolean } {
    const seen = new Set<Frame>()
    const frames: Frame[] = []
    const queue = [...from].reverse()
    let complete = false
    const go = (frame: Frame) => {
      if (!seen.has(frame)) queue.push(frame)
    }
    while (queue.length > 0) {
      const frame = queue.pop() as Frame
      if (seen.has(frame)) continue
      seen.add(frame)
      const { count, parent } = frame
      const state = this.program.states[frame.state]
      if (state.kind === 'bytes') {
        if (frames.length < mostFrames) frames.push(frame)
      } else if (state.kind === 'split') {
        for (const { to, least = 0, below = Number.POSITIVE_INFINITY } of state.ways)
          if (count >= least && count < below) go(this.frame(to, count, parent))
      } else if (state.kind === 'call') go(this.frame(state.rule, 0, this.returning(state.to, frame, state.cap)))
      else if (parent === null) complete = true
      else go(parent)
    }
    return { frames, complete }
  }

  /** Where a called rule ends; a call that is the last thing its rule does goes straight to that rule's own caller. */
  private returning(to: number, caller: Frame, cap: number | undefined): Frame | null {
    if (this.program.states[to].kind === 'end') return caller.parent
    return this.frame(to, counting(caller.count, cap), caller.parent)
  }

  private frame(state: number, count: number, parent: Frame | null): Frame {
    const key = `${state} ${count} ${parent === null ? '' : parent.id}`
    const known = this.frames.get(key)
    if (known !== undefined) return known
    const made = { id: this.frames.size, state, count, parent }
    this.frames.set(key, made)
    return made
  }

  private placeOf({ frames, complete }: { frames: Frame[]; complete: boolean }): number {
    frames.sort((a, b) => a.id - b.id)
    const key = `${complete} ${frames.map((frame) => frame.id).join(' ')}`
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    this.numbers.set(key, this.places.length)
    return this.places.push({ frames, complete, next: null }) - 1
  }
}

const counting = (count: number, cap: number | undefined) => (cap === undefined ? count : Math.min(count + 1, cap))
