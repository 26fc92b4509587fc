import type { RootContent } from 'mdast'
import { parseMarkdown } from './parse.ts'
import { settledTail } from './tail.ts'

/**
 * The blocks of a text that grows at its end. A block that another one follows can no longer change, so only the last
 * one is parsed again; the others keep their identity, and what shows them need not look at them twice.
 */
export class GrowingMarkdown {
  #settled: RootContent[] = []
  #settledText = ''

  /** The blocks of the text so far, its unfinished end smoothed so that nothing shown is taken back. */
  grow(text: string): RootContent[] {
    if (!text.startsWith(this.#settledText)) {
      this.#settled = []
      this.#settledText = ''
    }
    const open = parseMarkdown(text.slice(this.#settledText.length), true).children
    const last = open.at(-1)
    if (last && open.length > 1) {
      const from = this.#settledText.length + (last.position?.start.offset ?? 0)
      const lineStart = text.lastIndexOf('\n', from - 1) + 1
      this.#settled = [...this.#settled, ...open.slice(0, -1)]
      this.#settledText = text.slice(0, lineStart)
    }
    const tail = parseMarkdown(settledTail(text.slice(this.#settledText.length)), true).children
    return [...this.#settled, ...tail]
  }
}
