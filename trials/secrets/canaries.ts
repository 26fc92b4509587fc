import { randomBytes } from 'node:crypto'

/**
 * Words that stand for what nobody else may read. `text`: what people write. `name`: what they call things by (a field, an
 * address, a model, a project), which a refusal says back to them. `secret`: what lets somebody in.
 */
export type Kind = 'text' | 'name' | 'secret'

export interface Leak {
  kind: Kind
  where: string
  /** Where the word was given. */
  from: string
  shown: string
}

/** So much of a secret may be shown, at its beginning and its end, that people know it again. */
const shownEnds = [10, 6] as const

export class Canaries {
  readonly #given = new Map<string, { kind: Kind; from: string }>()

  get count(): number {
    return this.#given.size
  }

  make(kind: 'text' | 'name', from: string): string {
    const word = `canary${kind}${randomBytes(8).toString('hex')}`
    this.#given.set(word, { kind, from })
    return word
  }

  /** A secret that is given somewhere, by all of it that must not be shown. */
  guard(secret: string, from: string): string {
    const [head, tail] = shownEnds
    const needle = secret.length > 2 * (head + tail) ? secret.slice(head, -tail) : secret
    if (!this.#given.has(needle)) this.#given.set(needle, { kind: 'secret', from })
    return secret
  }

  /** Which of them a text holds. @param kinds those that must not be there */
  leaksIn(where: string, text: string, kinds: readonly Kind[]): Leak[] {
    const leaks: Leak[] = []
    const words = new Set(text.match(/canary(?:text|name)[0-9a-f]{16}/g))
    for (const word of words) this.#add(leaks, word, where, text, kinds)
    for (const [needle, { kind }] of this.#given)
      if (kind === 'secret' && text.includes(needle)) this.#add(leaks, needle, where, text, kinds)
    return leaks
  }

  #add(leaks: Leak[], word: string, where: string, text: string, kinds: readonly Kind[]): void {
    const given = this.#given.get(word)
    if (given === undefined || !kinds.includes(given.kind)) return
    const at = text.indexOf(word)
    leaks.push({ kind: given.kind, where, from: given.from, shown: text.slice(Math.max(0, at - 200), at + 60) })
  }
}
