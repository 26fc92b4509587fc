/**
 * Decoding with a KV cache: any number of requests, a fixed number of slots, one batch a step.
 *
 * A request's random numbers come from its seed alone, one for each token, so the same request gives the same text alone
 * or among others, up to this: the last bits of a logit may depend on the longest cache in the batch (sums over masked
 * places are added in another order) and on how much of its prompt was computed before, and a draw or an argmax that
 * lies within them may then fall the other way.
 */
import type { GptConfig } from './config.ts'
import { Engine, type PromptPart, rowsOf } from './decoding/engine.ts'
import { Line } from './decoding/line.ts'
import { allFinite } from './decoding/logprobs.ts'
import { PromptMemory } from './decoding/memory.ts'
import { checkRequest, DecodeRequestError } from './decoding/request-error.ts'
import { Sampler } from './decoding/sampler.ts'
import { Sequence, type SequenceContext } from './decoding/sequence.ts'
import type { DecodeEvent, DecodeRequest, Decoder } from './decoding.ts'
import { Tokenizer } from './tokenizer.ts'
import { loadModel } from './weights.ts'

export { DecodeRequestError }

export interface DecoderOptions {
  /** Sequences decoded at once; further ones wait. */
  slots: number
  /** Threads inside one operation. */
  threads: number
  /** Bytes of keys and values of the sequences in the batch: those that would not fit wait. One always fits. */
  batchBytes?: number
  /** Bytes of keys and values that are kept for prompts that begin alike; none by default. */
  prefixBytes?: number
}

/** What decoding needs of a tokenizer. */
export interface TokenText {
  tokenBytes(id: number): Uint8Array
  /** Tokens from here on have no bytes and are never chosen. */
  readonly vocabSize?: number
  /** Control tokens, which add nothing to the text. */
  readonly specialTokens?: ReadonlyMap<string, number>
}

/** Most prompt tokens that go through the model at once. */
const chunk = 256
/** Most prompt tokens of one step: others are speaking, or nobody is. */
const prefillBusy = 256
const prefillIdle = 1024

/**
 * Opens the model and the tokenizer in a folder, and compiles what decoding needs. Throws what `loadModel` and
 * `Tokenizer.open` throw. `step` blocks its thread while the model runs: give a decoder a worker of its own.
 */
export async function openDecoder(folder: string, options: DecoderOptions): Promise<Decoder> {
  const { config, parameters } = await loadModel(folder)
  const tokenizer = await Tokenizer.open(folder)
  const arrays = new Map([...parameters].map(([name, { data }]) => [name, data]))
  const decoder = new BatchDecoder(config, arrays, tokenizer, options)
  await decoder.prepare()
  return decoder
}

/** A decoder of parameters in memory; they must not change while it is open. */
export function createDecoder(
  config: GptConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  tokenizer: TokenText,
  options: DecoderOptions,
): Decoder {
  return new BatchDecoder(config, parameters, tokenizer, options)
}

/** A decoder of a model that goes on learning: its graphs are compiled once, and take the weights as they are. */
export interface ChangingDecoder extends Decoder {
  /** Takes these weights from here on; nothing may be pending. */
  renew(parameters: ReadonlyMap<string, Float32Array>): void
  /** Gives back the room of keys and values. What comes then has the same bits as in a new decoder. */
  rest(): void
}

/** As `createDecoder`; the parameters may change between `rest` and `renew`. */
export function createChangingDecoder(
  config: GptConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  tokenizer: TokenText,
  options: DecoderOptions,
): ChangingDecoder {
  return new BatchDecoder(config, parameters, tokenizer, options, 'changing')
}

const nothing = new Uint8Array(0)

/**
 * The sequences that speak stand in the cache's rows 0 to n − 1; the one whose prompt is being read stands in row n.
 * Whoever leaves is replaced by the last, so the rows of a step are always the first ones.
 */
class BatchDecoder implements ChangingDecoder {
  readonly contextLength: number
  private readonly engine: Engine
  private readonly slots: number
  private readonly vocabSize: number
  /** Width of a row of logits; the tokenizer may know fewer tokens. */
  private readonly logitWidth: number
  private readonly context: SequenceContext
  private readonly line = new Line()
  private readonly memory: PromptMemory
  private readonly batchBytes: number
  private reading: Sequence | null = null
  private readonly speaking: Sequence[] = []
  private created = 0
  private stepping = false
  private closed = false

  constructor(
    config: GptConfig,
    parameters: ReadonlyMap<string, Float32Array>,
    tokenizer: TokenText,
    options: DecoderOptions,
    constantLimit?: 'changing',
  ) {
    if (!Number.isSafeInteger(options.slots) || options.slots < 1)
      throw new RangeError(`slots: ${options.slots} is not a whole number of at least 1`)
    this.contextLength = config.contextLength
    this.slots = options.slots
    this.logitWidth = config.vocabSize
    this.vocabSize = Math.min(config.vocabSize, tokenizer.vocabSize ?? config.vocabSize)
    this.batchBytes = options.batchBytes ?? Number.POSITIVE_INFINITY
    this.engine = new Engine(config, parameters, options.threads, constantLimit, options.batchBytes)
    this.memory = new PromptMemory(this.engine, options.prefixBytes ?? 0)
    const control = new Set(tokenizer.specialTokens?.values())
    this.context = {
      contextLength: config.contextLength,
      sampler: new Sampler(this.vocabSize),
      tokenBytes: (id) => tokenizer.tokenBytes(id),
      textBytes: (id) => (control.has(id) ? nothing : tokenizer.tokenBytes(id)),
    }
  }

  get pending(): number {
    return this.line.length + this.speaking.length + (this.reading ? 1 : 0)
  }

  get cacheBytes(): number {
    return this.memory.bytes
  }

  prepare(): Promise<void> {
    return this.engine.prepare()
  }

  renew(parameters: ReadonlyMap<string, Float32Array>): void {
    this.expectIdle()
    this.engine.renew(parameters)
  }

  rest(): void {
    this.expectIdle()
    this.engine.rest()
  }

  private expectIdle(): void {
    this.expectOpen()
    if (this.pending > 0 || this.stepping) throw new Error('sequences are pending: finish or cancel them first')
  }

  add(request: DecodeRequest): number {
    this.expectOpen()
    checkRequest(request, this.contextLength, this.vocabSize)
    const sequence = new Sequence(this.created++, request, this.context)
    this.line.add(sequence)
    return sequence.number
  }

  cancel(sequence: number): void {
    for (const each of [...this.line, ...this.speaking, this.reading])
      if (each?.number === sequence) each.cancelled = true
  }

  async step(): Promise<DecodeEvent[]> {
    this.expectOpen()
    if (this.stepping) throw new Error('step: the step before has not ended; await it first')
    this.stepping = true
    try {
      const events: DecodeEvent[] = []
      this.dropCancelled(events)
      const busy = this.speaking.length > 0
      // Those who speak go first: a sequence whose prompt ends in this step gets its first token from the prompt's pass.
      if (busy) await this.speak(events)
      await this.read(busy ? prefillBusy : prefillIdle, events)
      return events
    } finally {
      this.stepping = false
    }
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.engine.close()
  }

  private expectOpen(): void {
    if (this.closed) throw new Error('the decoder is closed')
  }

  private dropCancelled(events: DecodeEvent[]): void {
    const gone = new Set([...this.line].filter(({ cancelled }) => cancelled))
    for (const each of gone) each.finish('cancelled', events)
    this.line.remove(gone)
    if (this.reading?.cancelled) {
      this.memory.keep(this.reading, this.speaking.length)
      this.reading.finish('cancelled', events)
      this.reading = null
      this.engine.truncate(this.speaking.length)
    }
    for (let row = this.speaking.length - 1; row >= 0; row--) {
      if (!this.speaking[row].cancelled) continue
      this.speaking[row].finish('cancelled', events)
      this.leave(row)
    }
  }

  /** One more token for everyone who speaks. */
  private async speak(events: DecodeEvent[]): Promise<void> {
    const logits = await this.engine.decode(this.speaking.map((sequence) => sequence.latest))
    const gone: number[] = []
    for (const [row, sequence] of this.speaking.entries()) {
      if (!this.accept(sequence, row, this.logitsOf(logits, row), events)) gone.push(row)
    }
    for (const row of gone.reverse()) this.leave(row)
  }

  /** Gives a sequence its next logits, unless they are no numbers. Returns false at its end. */
  private accept(sequence: Sequence, row: number, logits: Float32Array, events: DecodeEvent[]): boolean {
    return !this.failed(sequence, row, logits, events) && sequence.accept(logits, events)
  }

  /** Ends a sequence whose logits are no numbers, and cleans its row: a mask hides numbers alone from whoever is next there. */
  private failed(sequence: Sequence, row: number, logits: Float32Array, events: DecodeEvent[]): boolean {
    if (allFinite(logits)) return false
    this.engine.takeBack(row, this.engine.length(row))
    sequence.finish('failed', events)
    return true
  }

  private logitsOf(logits: Float32Array, row: number): Float32Array {
    return logits.subarray(row * this.logitWidth, row * this.logitWidth + this.vocabSize)
  }

  /**
   * Reads parts of prompts in one pass. A mask keeps them apart, but hides numbers alone: where something else comes out,
   * each is read again by itself, so that only the one it comes from suffers.
   */
  private async prefill(parts: readonly PromptPart[]): Promise<Float32Array> {
    const together = await this.engine.prefill(parts)
    if (parts.length === 1 || allFinite(together)) return together
    for (const { row, ids } of parts) this.engine.takeBack(row, ids.length)
    const apart = new Float32Array(together.length)
    let at = 0
    for (const part of parts) {
      const own = await this.engine.prefill([part])
      apart.set(own, at)
      at += own.length
    }
    return apart
  }

  /** Reads prompts, at most `budget` tokens of them. */
  private async read(budget: number, events: DecodeEvent[]): Promise<void> {
    let left = budget
    while (left > 0) {
      const readers = this.nextReaders(Math.min(chunk, left), events)
      if (readers.length === 0) return
      const parts = readers.map(({ sequence, count }, i) => {
        const { prefilled, promptIds } = sequence
        const ids = promptIds.subarray(prefilled, prefilled + count)
        return { row: this.speaking.length + i, ids, begins: prefilled === 0, every: sequence.wantsPrompt }
      })
      const logits = await this.prefill(parts)
      // Only now do they stop waiting: had the pass failed, they would be read again.
      this.line.remove(new Set(readers.map(({ sequence }) => sequence)))
      this.reading = null
      let last = -1
      for (const [i, { sequence, count }] of readers.entries()) {
        left -= count
        last += rowsOf(parts[i])
        if (sequence.wantsPrompt)
          for (let place = 0; place < count; place++)
            sequence.seePrompt(sequence.prefilled + place, this.logitsOf(logits, last - count + 1 + place))
        this.place(sequence, count, parts[i].row, this.logitsOf(logits, last), events)
      }
      this.engine.truncate(this.speaking.length + (this.reading ? 1 : 0))
    }
  }

  /**
   * Those whose prompts are read next, with how many tokens: at most `room` in all, and the last perhaps not to its end.
   * Only the first may go on with a row that has tokens: who begins with what is kept is first in a pass of its own.
   */
  private nextReaders(room: number, events: DecodeEvent[]): { sequence: Sequence; count: number }[] {
    const readers: { sequence: Sequence; count: number }[] = []
    let left = room
    for (const sequence of this.candidates(events)) {
      const row = readers.length === 0 ? this.speaking.length : null
      if (sequence !== this.reading && !this.memory.begin(sequence, row)) break
      const count = Math.min(left, sequence.promptIds.length - sequence.prefilled)
      if (count > 0) readers.push({ sequence, count })
      left -= count
      if (left <= 0) break
    }
    return readers
  }

  /** Who is reading already, then who is next and fits. */
  private *candidates(events: DecodeEvent[]): Generator<Sequence> {
    const empty = new Set([...this.line].filter((each) => each.empty))
    for (const each of empty) each.finish('length', events)
    this.line.remove(empty)
    const batch = [...this.speaking]
    if (this.reading) {
      batch.push(this.reading)
      yield this.reading
    }
    for (const next of this.line.inTurn(batch, this.slots)) {
      const reach = Math.max(next.reach, ...batch.map((each) => each.reach))
      // Whoever does not fit is waited for: others who would fit come later.
      if (batch.length > 0 && this.engine.bytesFor(batch.length + 1, reach) > this.batchBytes) return
      batch.push(next)
      yield next
    }
  }

  /** After `count` more prompt tokens in `row`: speaks, goes on reading, or is done with its first token. */
  private place(sequence: Sequence, count: number, row: number, logits: Float32Array, events: DecodeEvent[]): void {
    sequence.prefilled += count
    const done = sequence.prefilled === sequence.promptIds.length
    const ended = done ? !this.accept(sequence, row, logits, events) : this.failed(sequence, row, logits, events)
    if (done) this.memory.keep(sequence, row)
    if (ended) return
    if (row !== this.speaking.length) this.engine.move(row, this.speaking.length)
    if (done) this.speaking.push(sequence)
    else this.reading = sequence
  }

  private leave(row: number): void {
    this.memory.keep(this.speaking[row], row)
    const last = this.speaking.length - 1
    if (row !== last) {
      this.engine.move(last, row)
      this.speaking[row] = this.speaking[last]
    }
    this.speaking.pop()
    if (this.reading) this.engine.move(last + 1, last)
    this.engine.truncate(last + (this.reading ? 1 : 0))
  }
}
