/** Finds added tokens in text: leftmost, then longest, as the published libraries do. */
interface Node {
  next: Map<number, Node>
  id: number
}

export class AddedTokenFinder {
  private readonly root: Node = { next: new Map(), id: -1 }
  readonly isEmpty: boolean

  constructor(tokens: Iterable<readonly [content: string, id: number]>) {
    let empty = true
    for (const [content, id] of tokens) {
      empty = false
      let node = this.root
      for (let i = 0; i < content.length; i++) {
        const unit = content.charCodeAt(i)
        let child = node.next.get(unit)
        if (child === undefined) {
          child = { next: new Map(), id: -1 }
          node.next.set(unit, child)
        }
        node = child
      }
      node.id = id
    }
    this.isEmpty = empty
  }

  /** Calls `plain` with each stretch of text between tokens and `token` with each token's id, in order. */
  split(text: string, plain: (part: string) => void, token: (id: number) => void): void {
    if (this.isEmpty) {
      if (text.length > 0) plain(text)
      return
    }
    let from = 0
    let at = 0
    while (at < text.length) {
      const first = this.root.next.get(text.charCodeAt(at))
      const found = first === undefined ? undefined : longest(first, text, at + 1)
      if (found === undefined) {
        at++
        continue
      }
      if (at > from) plain(text.slice(from, at))
      token(found.id)
      at = found.end
      from = at
    }
    if (from < text.length) plain(from === 0 ? text : text.slice(from))
  }
}

function longest(node: Node, text: string, at: number): { id: number; end: number } | undefined {
  let found: { id: number; end: number } | undefined
  let here: Node | undefined = node
  while (here !== undefined) {
    if (here.id >= 0) found = { id: here.id, end: at }
    here = at < text.length ? here.next.get(text.charCodeAt(at)) : undefined
    at++
  }
  return found
}
