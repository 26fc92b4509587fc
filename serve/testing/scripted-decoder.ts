import { setTimeout as wait } from 'node:timers/promises'
import type { DecodeEvent, DecodeRequest, Decoder } from '#model/decoding'

interface Sequence {
  request: DecodeRequest
  at: number
  cancelled: boolean
}

/** A decoder without a model: each sequence counts its steps (` 1 2 3`) up to its maximum or `length`. */
export class ScriptedDecoder implements Decoder {
  readonly contextLength = 64
  readonly cacheBytes = 0
  /** Prompt tokens that a sequence says were not computed again. */
  cached: (request: DecodeRequest) => number = () => 0
  readonly requests: DecodeRequest[] = []
  /** Sequences decoded in each step so far. */
  readonly batches: number[] = []
  closed = false
  /** Thrown by the step of this number. */
  breakAt = Number.POSITIVE_INFINITY
  /** The sequence that fails with its third step. */
  failing = -1
  readonly #slots: number
  readonly #stepMs: number
  readonly #length: number
  readonly #sequences = new Map<number, Sequence>()

  constructor(slots: number, stepMs = 0, length = Number.POSITIVE_INFINITY) {
    this.#slots = slots
    this.#stepMs = stepMs
    this.#length = length
  }

  get pending(): number {
    return this.#sequences.size
  }

  add(request: DecodeRequest): number {
    this.requests.push(request)
    this.#sequences.set(this.requests.length, { request, at: 0, cancelled: false })
    return this.requests.length
  }

  cancel(sequence: number): void {
    const found = this.#sequences.get(sequence)
    if (found !== undefined) found.cancelled = true
  }

  async step(): Promise<DecodeEvent[]> {
    if (this.#stepMs > 0) await wait(this.#stepMs)
    if (this.batches.length + 1 >= this.breakAt) throw new Error('the decoder broke')
    const events: DecodeEvent[] = []
    const batch = [...this.#sequences].slice(0, this.#slots)
    for (const [number, sequence] of batch) events.push(this.#advance(number, sequence))
    this.batches.push(batch.length)
    return events
  }

  #advance(number: number, sequence: Sequence): DecodeEvent {
    const { request } = sequence
    const failed = number === this.failing && sequence.at === 2
    const full = sequence.at >= Math.min(request.maxTokens, this.#length)
    if (sequence.cancelled || full || failed) {
      this.#sequences.delete(number)
      const ended = sequence.at >= this.#length ? 'stop' : 'length'
      return {
        type: 'end',
        sequence: number,
        text: '',
        finishReason: failed ? 'failed' : sequence.cancelled ? 'cancelled' : ended,
        promptTokens: request.promptIds.length,
        cachedTokens: this.cached(request),
        completionTokens: sequence.at,
      }
    }
    sequence.at++
    return { type: 'token', sequence: number, id: sequence.at, text: ` ${sequence.at}`, logprob: null, top: [] }
  }

  async close(): Promise<void> {
    this.closed = true
  }
}
