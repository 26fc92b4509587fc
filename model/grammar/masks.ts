/** Which tokens may follow: the vocabulary's tree is walked along the machine once for each kind of place, then remembered. */
import type { Constraint } from '../decoding.ts'
import { Machine } from './machine.ts'
import type { Program } from './program.ts'
import type { Vocabulary } from './vocabulary.ts'

/** Places after which a machine is begun anew, about a kilobyte each. */
const mostPlaces = 8192
/** Bytes of masks that one language keeps. */
const mostMaskBytes = 8 << 20

/** A language over a vocabulary; answers that are held to it at the same time share what it has found out. */
export class TokenLanguage {
  readonly vocabulary: Vocabulary
  private readonly program: Program
  private current: Machine
  private readonly masks = new Map<string, Uint32Array>()
  private readonly byPlace = new WeakMap<Machine, Map<number, Uint32Array>>()
  private readonly path: Int32Array

  constructor(program: Program, vocabulary: Vocabulary) {
    this.program = program
    this.vocabulary = vocabulary
    this.current = new Machine(program)
    this.path = new Int32Array(vocabulary.longest + 1)
  }

  /** The machine that new places are met on. */
  get machine(): Machine {
    if (this.current.size > mostPlaces) this.current = new Machine(this.program)
    return this.current
  }

  /** Holds one answer to the language. */
  constraint(): LanguageConstraint {
    return new LanguageConstraint(this)
  }

  /** A bit for each token that may follow at a place. */
  mask(machine: Machine, place: number): Uint32Array {
    let known = this.byPlace.get(machine)
    if (known === undefined) this.byPlace.set(machine, (known = new Map()))
    const direct = known.get(place)
    if (direct !== undefined) return direct
    const key = machine.horizon(place, this.vocabulary.longest)
    let mask = this.masks.get(key)
    if (mask === undefined) {
      mask = this.walk(machine, place)
      if ((this.masks.size + 1) * mask.byteLength > mostMaskBytes) this.masks.clear()
      this.masks.set(key, mask)
    }
    if (known.size * mask.byteLength > mostMaskBytes) known.clear()
    known.set(place, mask)
    return mask
  }

  private walk(machine: Machine, place: number): Uint32Array {
    const { bytes, depths, skips, firstTokens, tokens, size } = this.vocabulary
    const { path } = this
    const mask = new Uint32Array(Math.ceil(size / 32))
    path[0] = place
    for (let node = 0; node < bytes.length; ) {
      const depth = depths[node]
      const reached = machine.step(path[depth - 1], bytes[node])
      if (reached < 0) {
        node = skips[node]
        continue
      }
      path[depth] = reached
      for (let at = firstTokens[node]; at < firstTokens[node + 1]; at++) mask[tokens[at] >> 5] |= 1 << (tokens[at] & 31)
      node++
    }
    return mask
  }
}

export class LanguageConstraint implements Constraint {
  private readonly language: TokenLanguage
  private machine: Machine
  private place: number

  constructor(language: TokenLanguage) {
    this.language = language
    this.machine = language.machine
    this.place = this.machine.start
  }

  get ended(): boolean {
    return this.machine.final(this.place)
  }

  /** Whether what was written may be all of it. */
  get complete(): boolean {
    return this.machine.complete(this.place)
  }

  allows(id: number): boolean {
    const mask = this.language.mask(this.machine, this.place)
    return ((mask[id >> 5] >>> (id & 31)) & 1) === 1
  }

  mask(logits: Float32Array, endIds: readonly number[]): void {
    const mask = this.language.mask(this.machine, this.place)
    const ends = this.complete ? endIds.map((id) => logits[id]) : []
    for (let word = 0, id = 0; id < logits.length; word++) {
      const bits = mask[word] ?? 0
      const end = Math.min(id + 32, logits.length)
      if (bits === 0) logits.fill(Number.NEGATIVE_INFINITY, id, end)
      else if (bits !== 0xffffffff)
        for (let at = id; at < end; at++) if (((bits >>> (at & 31)) & 1) === 0) logits[at] = Number.NEGATIVE_INFINITY
      id = end
    }
    for (const [at, logit] of ends.entries()) logits[endIds[at]] = logit
  }

  accept(id: number): void {
    this.read(this.language.vocabulary.textOf(id))
  }

  /** Takes bytes; false, and nothing is taken, where they may not follow. */
  read(bytes: Uint8Array): boolean {
    const { machine } = this.language
    if (machine !== this.machine) {
      this.place = machine.adopt(this.machine, this.place)
      this.machine = machine
    }
    const reached = machine.run(this.place, bytes)
    if (reached < 0) return false
    this.place = reached
    return true
  }
}
