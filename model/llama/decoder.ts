/** Decoding by llama.cpp: the same port, line, texts and constraints as our own; only the numbers come from elsewhere. */
import { Line } from '../decoding/line.ts'
import { allFinite } from '../decoding/logprobs.ts'
import { checkRequest } from '../decoding/request-error.ts'
import { Sampler } from '../decoding/sampler.ts'
import { Sequence, type SequenceContext } from '../decoding/sequence.ts'
import type { DecodeEvent, DecodeRequest, Decoder, Sampling } from '../decoding.ts'
import type { TokenCodec } from '../tokenizer.ts'
import type { AddonContext, AddonSampler } from './addon.ts'
import { type Seat, Seats } from './seats.ts'

export interface LlamaDecoderParts {
  context: AddonContext
  newSampler: () => AddonSampler
  tokens: TokenCodec
  slots: number
  contextLength: number
  /** Bytes of keys and values of one token. */
  tokenBytes: number
  /** Most tokens that go through the model at once. */
  batchTokens: number
  dispose: () => Promise<void>
}

/** What a seat puts into a step. */
interface Share {
  seat: Seat
  ids: Uint32Array
  /** Places in the batch whose logits were asked for. */
  places: Uint32Array
}

/** Ours judge by top-p and min-p what the temperature has made of the logits, llama.cpp's what it has not touched yet. */
const sameFilters = ({ temperature, topP, minP }: Sampling) =>
  temperature === 0 || temperature === 1 || (topP === 1 && minP === 0)

const nothing = new Uint8Array(0)
/** Most prompt tokens of a step in which others are speaking. */
const prefillBusy = 256

export class LlamaDecoder implements Decoder {
  readonly contextLength: number
  private readonly parts: LlamaDecoderParts
  private readonly line = new Line()
  private readonly seats: Seats
  private readonly sequences: SequenceContext
  /** Chooses nothing: the way in which the binding gives all logits away. */
  private readonly bare: AddonSampler
  private created = 0
  private closed = false

  constructor(parts: LlamaDecoderParts) {
    this.parts = parts
    this.contextLength = parts.contextLength
    this.seats = new Seats(parts.context, parts.slots, parts.newSampler)
    this.bare = parts.newSampler()
    this.bare.applyConfig({ temperature: 0 })
    const control = new Set(parts.tokens.specialTokens.values())
    this.sequences = {
      contextLength: parts.contextLength,
      sampler: new Sampler(parts.tokens.vocabSize),
      tokenBytes: (id) => parts.tokens.tokenBytes(id),
      textBytes: (id) => (control.has(id) ? nothing : parts.tokens.tokenBytes(id)),
    }
  }

  get pending(): number {
    return this.line.length + this.seats.taken.length
  }

  get cacheBytes(): number {
    return this.seats.keptTokens * this.parts.tokenBytes
  }

  add(request: DecodeRequest): number {
    if (this.closed) throw new Error('the decoder is closed')
    checkRequest(request, this.contextLength, this.parts.tokens.vocabSize)
    const sequence = new Sequence(this.created++, request, this.sequences)
    this.line.add(sequence)
    return sequence.number
  }

  cancel(number: number): void {
    for (const each of [...this.line, ...this.seats.taken.map(({ sequence }) => sequence)])
      if (each.number === number) each.cancelled = true
  }

  async step(): Promise<DecodeEvent[]> {
    const events: DecodeEvent[] = []
    this.dropCancelled(events)
    this.seatNext()
    const shares = this.shares()
    if (shares.length === 0) return events
    await this.decode(shares)
    const ready = shares.filter(({ seat }) => seat.tokens.length >= seat.sequence.promptIds.length)
    const drawn = await Promise.all(ready.map((share) => this.draw(share)))
    for (const [at, share] of ready.entries()) {
      const { seat } = share
      if (!(await this.accept(share, drawn[at], events))) this.seats.leave(seat)
    }
    return events
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.parts.context.dispose()
    await this.parts.dispose()
  }

  private dropCancelled(events: DecodeEvent[]): void {
    const gone = new Set([...this.line].filter(({ cancelled, empty }) => cancelled || empty))
    for (const each of gone) each.finish(each.cancelled ? 'cancelled' : 'length', events)
    this.line.remove(gone)
    for (const seat of this.seats.taken) {
      if (!seat.sequence.cancelled) continue
      seat.sequence.finish('cancelled', events)
      this.seats.leave(seat)
    }
  }

  private seatNext(): void {
    const batch = this.seats.taken.map(({ sequence }) => sequence)
    const next = [...this.line.inTurn(batch, this.parts.slots)]
    this.line.remove(new Set(next))
    for (const sequence of next) this.seats.take(sequence)
  }

  /** Those who speak with their latest token, then prompts as far as there is room. */
  private shares(): Share[] {
    const { taken } = this.seats
    const speaking = taken.filter(({ sequence }) => sequence.latest >= 0)
    const share = (seat: Seat, ids: Uint32Array): Share => ({ seat, ids, places: new Uint32Array(0) })
    const shares = speaking.map((seat) => share(seat, Uint32Array.of(seat.sequence.latest)))
    let room = this.parts.batchTokens - shares.length
    if (speaking.length > 0) room = Math.min(room, prefillBusy)
    for (const seat of taken) {
      if (seat.sequence.latest >= 0 || room <= 0) continue
      const { promptIds } = seat.sequence
      const ids = promptIds.subarray(seat.tokens.length, Math.min(promptIds.length, seat.tokens.length + room))
      shares.push(share(seat, ids))
      room -= ids.length
    }
    return shares
  }

  private async decode(shares: readonly Share[]): Promise<void> {
    const { context } = this.parts
    context.initBatch(shares.reduce((sum, { ids }) => sum + ids.length, 0))
    for (const share of shares) {
      const { seat, ids } = share
      const from = seat.tokens.length
      const last = from + ids.length >= seat.sequence.promptIds.length
      const every = seat.sequence.wantsPrompt && from < seat.sequence.promptIds.length
      const wanted = every ? ids.map((_, at) => at) : last ? Uint32Array.of(ids.length - 1) : new Uint32Array(0)
      share.places = context.addToBatch(seat.number, from, ids, wanted)
    }
    await context.decodeBatch()
    for (const { seat, ids, places } of shares) {
      const from = seat.tokens.length
      for (const id of ids) seat.tokens.push(id)
      if (!seat.sequence.wantsPrompt || from >= seat.sequence.promptIds.length) continue
      for (const [at, place] of places.entries()) seat.sequence.seePrompt(from + at, await this.logits(place))
    }
  }

  /** A token by llama.cpp's own sampler, where it knows all that there is to it; -1 elsewhere. */
  private async draw({ seat, places }: Share): Promise<number> {
    const place = places.at(-1)
    if (place === undefined || !seat.sequence.plain || !sameFilters(seat.sequence.sampling)) return -1
    return this.parts.context.sampleToken(place, seat.sampler)
  }

  private async accept({ seat, places }: Share, drawn: number, events: DecodeEvent[]): Promise<boolean> {
    const { sequence } = seat
    const place = places.at(-1)
    if (place === undefined) return true
    if (drawn >= 0 && drawn < this.parts.tokens.vocabSize && sequence.mayTake(drawn))
      return sequence.takeDrawn(drawn, events)
    const logits = await this.logits(place)
    return allFinite(logits) ? sequence.accept(logits, events) : sequence.finish('failed', events)
  }

  /** All logits cost more than a draw: the binding gives them as pairs, sorted. */
  private async logits(place: number): Promise<Float32Array> {
    const [, , , pairs] = await this.parts.context.sampleToken(place, this.bare, false, false, true)
    const logits = new Float32Array(this.parts.tokens.vocabSize).fill(Number.NEGATIVE_INFINITY)
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at] < logits.length) logits[pairs[at]] = pairs[at + 1]
    return logits
  }
}
