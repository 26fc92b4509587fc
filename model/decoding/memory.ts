/** What a decoder remembers of prompts and answers: it fills rows of the batch from it, and adds what they hold. */
import type { Engine } from './engine.ts'
import { blockLength, PrefixCache } from './prefix-cache.ts'
import type { Sequence } from './sequence.ts'

export class PromptMemory {
  private readonly engine: Engine
  private readonly prefixes: PrefixCache

  /** `bytes`: most that is kept. */
  constructor(engine: Engine, bytes: number) {
    this.engine = engine
    this.prefixes = new PrefixCache(bytes, blockLength * engine.tokenBytes)
  }

  get bytes(): number {
    return this.prefixes.bytes
  }

  /**
   * Puts what is kept of a prompt's beginning into a row, which then goes on from there. `row` null says that no row
   * could: false comes back where there was something to put.
   */
  begin(sequence: Sequence, row: number | null): boolean {
    const { promptIds, owner } = sequence
    // The last token is always computed: its logits are wanted.
    const blocks = sequence.wantsPrompt ? [] : this.prefixes.match(owner, promptIds, promptIds.length - 1)
    if (blocks.length > 0 && row === null) return false
    sequence.prefilled = sequence.cached = blocks.length * blockLength
    const pieces = blocks.map(({ values }) => values)
    if (row !== null && pieces.length > 0) this.engine.restore(row, pieces, blockLength)
    return true
  }

  /** Keeps what a sequence's row holds. */
  keep({ promptIds, spoken, owner }: Sequence, row: number): void {
    const ids = Uint32Array.from([...promptIds, ...spoken]).subarray(0, this.engine.length(row))
    this.prefixes.add(owner, ids, (place) => this.engine.save(row, place, blockLength))
  }
}
