/** A tokenizer's tokens as a tree of bytes, laid flat in the order in which it is walked. */

export interface VocabularySource {
  readonly vocabSize: number
  tokenBytes(id: number): Uint8Array
  /** Control tokens, which no text is made of. */
  readonly specialTokens: ReadonlyMap<string, number>
}

export class Vocabulary {
  readonly size: number
  /** Of each node its byte, its depth from 1, and the node that follows its subtree. */
  readonly bytes: Uint8Array
  readonly depths: Uint16Array
  readonly skips: Int32Array
  /** Of each node where its tokens begin in `tokens`; the next node's is where they end. */
  readonly firstTokens: Int32Array
  readonly tokens: Int32Array
  /** Bytes of the longest token. */
  readonly longest: number
  private readonly source: VocabularySource
  private readonly left: ReadonlySet<number>

  /** @param shown control tokens that count as text, such as `<tool_call>` */
  constructor(source: VocabularySource, shown: readonly string[] = []) {
    this.source = source
    this.size = source.vocabSize
    const control = [...source.specialTokens].filter(([content]) => !shown.includes(content))
    this.left = new Set(control.map(([, id]) => id))
    const tokens: { id: number; bytes: Uint8Array }[] = []
    for (let id = 0; id < source.vocabSize; id++) {
      const bytes = source.tokenBytes(id)
      if (bytes.length > 0 && !this.left.has(id)) tokens.push({ id, bytes })
    }
    tokens.sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    this.longest = tokens.reduce((most, { bytes }) => Math.max(most, bytes.length), 1)
    const tree = layFlat(tokens)
    this.bytes = Uint8Array.from(tree.bytes)
    this.depths = Uint16Array.from(tree.depths)
    this.skips = Int32Array.from(tree.skips)
    this.firstTokens = Int32Array.from([...tree.firstTokens, tree.tokens.length])
    this.tokens = Int32Array.from(tree.tokens)
  }

  /** The bytes that a token adds to a text. */
  textOf(id: number): Uint8Array {
    return this.left.has(id) ? nothing : this.source.tokenBytes(id)
  }
}

const nothing = new Uint8Array(0)

interface Flat {
  bytes: number[]
  depths: number[]
  skips: number[]
  firstTokens: number[]
  tokens: number[]
}

/** Tokens in the order of their bytes stand in the order of the walk: each shares a beginning with the one before. */
function layFlat(sorted: readonly { id: number; bytes: Uint8Array }[]): Flat {
  const flat: Flat = { bytes: [], depths: [], skips: [], firstTokens: [], tokens: [] }
  const open: number[] = []
  const closeTo = (depth: number) => {
    while (open.length > depth) flat.skips[open.pop() as number] = flat.bytes.length
  }
  let before: Uint8Array = nothing
  for (const { id, bytes } of sorted) {
    let shared = 0
    while (shared < before.length && shared < bytes.length && before[shared] === bytes[shared]) shared++
    closeTo(shared)
    for (let at = shared; at < bytes.length; at++) {
      open.push(flat.bytes.length)
      flat.bytes.push(bytes[at])
      flat.depths.push(at + 1)
      flat.firstTokens.push(flat.tokens.length)
      flat.skips.push(0)
    }
    flat.tokens.push(id)
    before = bytes
  }
  closeTo(0)
  return flat
}
