/**
 * Keys and values of prompts and answers that were computed before, in blocks of tokens, so that a prompt with the same
 * beginning need not be computed again. A block hangs below the block before it: what it holds depends on all tokens
 * that came earlier. Each owner has a tree of its own, so that nobody learns from a reply's speed what others asked.
 */

/** Tokens of a block. */
export const blockLength = 16

interface Node {
  parent: Block | null
  readonly children: Map<string, Block>
}

export interface Block extends Node {
  readonly key: string
  readonly owner: string
  readonly values: Float32Array
}

export class PrefixCache {
  private readonly limit: number
  private readonly blockBytes: number
  private readonly roots = new Map<string, Node>()
  /** From the least to the most recently used. A block is always used before its children: the first is a leaf. */
  private readonly order = new Set<Block>()

  /** `limit`: most bytes that are kept; `blockBytes`: those of one block. */
  constructor(limit: number, blockBytes: number) {
    this.limit = limit
    this.blockBytes = blockBytes
  }

  /** Bytes that are kept. */
  get bytes(): number {
    return this.order.size * this.blockBytes
  }

  /** The blocks that begin `ids`, of at most `most` tokens. */
  match(owner: string, ids: Uint32Array, most: number): readonly Block[] {
    const path: Block[] = []
    let node: Node | undefined = this.roots.get(owner)
    for (let at = 0; node !== undefined && at + blockLength <= most; at += blockLength) {
      const next: Block | undefined = node.children.get(keyOf(ids, at))
      if (next !== undefined) path.push(next)
      node = next
    }
    this.touch(path)
    return path
  }

  /** Keeps the whole blocks of `ids`; `read` copies the keys and values of one that is not kept yet. */
  add(owner: string, ids: Uint32Array, read: (place: number) => Float32Array): void {
    let node: Node = this.roots.get(owner) ?? { parent: null, children: new Map() }
    const path: Block[] = []
    for (let at = 0; at + blockLength <= ids.length; at += blockLength) {
      const key = keyOf(ids, at)
      let block = node.children.get(key)
      if (block === undefined) {
        if (!this.makeRoom(path)) break
        block = { parent: path.at(-1) ?? null, children: new Map(), key, owner, values: read(at) }
        // Making room may have taken the owner's last block, and the root with it.
        if (path.length === 0) this.roots.set(owner, node)
        node.children.set(key, block)
        this.order.add(block)
      }
      path.push(block)
      node = block
    }
    this.touch(path)
  }

  private touch(path: readonly Block[]): void {
    for (const block of path.toReversed()) {
      this.order.delete(block)
      this.order.add(block)
    }
  }

  /** Lets go of what was not used for longest; false where only what is in use would be left to go. */
  private makeRoom(inUse: readonly Block[]): boolean {
    while (this.bytes + this.blockBytes > this.limit) {
      this.touch(inUse)
      const [oldest] = this.order
      if (oldest === undefined || inUse.includes(oldest)) return false
      this.drop(oldest)
    }
    return true
  }

  private drop(block: Block): void {
    this.order.delete(block)
    const above = block.parent ?? this.roots.get(block.owner)
    above?.children.delete(block.key)
    if (block.parent === null && above?.children.size === 0) this.roots.delete(block.owner)
  }
}

const keyOf = (ids: Uint32Array, at: number): string => ids.subarray(at, at + blockLength).join()
