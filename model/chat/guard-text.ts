import { randomInt } from 'node:crypto'

const NOTHING = '9999'
const EDGE = '9998'

/**
 * Makes message contents unable to take part in a control token. Each character that can start or end one is replaced
 * by 24 random digits that nobody can guess and the character's number, and the first visible character is followed by
 * such a mark as well: no token can then begin in, end in, or reach across a content, whatever the template writes
 * around it, while trimming, casing and the like still work. `unguard` puts the characters back before encoding.
 */
export class TextGuard {
  private readonly nonce: string
  private readonly pattern: RegExp
  private readonly marks: RegExp
  private readonly characters: string[]
  private readonly numbers: Map<string, string>

  constructor(controlTokens: Iterable<string>) {
    this.nonce = Array.from({ length: 4 }, () => String(randomInt(1_000_000)).padStart(6, '0')).join('')
    const ends = new Set<string>()
    for (const token of controlTokens) {
      const characters = [...token]
      ends.add(characters[0])
      ends.add(characters[characters.length - 1])
    }
    this.characters = [...ends]
    this.numbers = new Map(this.characters.map((character, i) => [character, String(i).padStart(4, '0')]))
    const parts = this.characters.map((character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`)
    this.pattern = new RegExp(parts.length > 0 ? `[${parts.join('')}]` : '(?!)', 'gu')
    this.marks = new RegExp(`${this.nonce}(\\d{4})`, 'g')
  }

  /** A content as the template is given it. */
  guard(content: string): string {
    const { nonce, numbers } = this
    const first = content.search(/\S/u)
    const visible = first < 0 ? '' : String.fromCodePoint(content.codePointAt(first) as number)
    const marked = content.replace(this.pattern, (character) => `${nonce}${numbers.get(character)}`)
    if (visible === '' || numbers.has(visible)) return marked
    const after = first + visible.length
    return `${marked.slice(0, after)}${nonce}${NOTHING}${marked.slice(after)}`
  }

  /** The text with its own characters again. */
  unguard(text: string): string {
    return text.replace(this.marks, (_, number: string) => this.characters[Number(number)] ?? '')
  }

  /** A guarded content whose two ends `splitAtEdges` finds again after rendering. */
  withEdges(guarded: string): string {
    const edge = this.nonce + EDGE
    return edge + guarded + edge
  }

  /** The rendered text cut at the edges: odd parts are contents. */
  splitAtEdges(rendered: string): string[] {
    return rendered.split(this.nonce + EDGE)
  }
}
