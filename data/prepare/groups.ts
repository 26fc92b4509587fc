/** Which answers of a token file belong to one prompt, and how good each is: `p.groups.json` beside the token file `p`. */
import { createHash } from 'node:crypto'
import type { Preference } from '#data/document'
import { writeDurably } from '#data/durable'
import type { Expectation } from '#data/judge'

export const groupsEnding = '.groups.json'

export interface GroupIndex {
  format: 'dotline-groups'
  version: 1
  /** Answers of each prompt: so many documents of the token file, one prompt after the other. */
  sizes: number[]
  /** The grade of each answer, over all prompts; equal ones of one prompt make no pair. */
  grades: number[]
  /** What an answer to each prompt has to satisfy; absent where no prompt of the file says so. */
  rules?: Expectation[][]
}

/** Gathers the groups of one token file. */
export class GroupWriter {
  readonly path: string
  #sizes: number[] = []
  #grades: number[] = []
  #rules: Expectation[][] = []

  constructor(path: string) {
    this.path = path
  }

  add({ ranked, grades, rules = [] }: Preference): void {
    this.#rules.push(rules)
    this.#sizes.push(ranked.length)
    this.#grades.push(...(grades ?? ranked.map((_, i) => ranked.length - i)))
  }

  /** Makes the file durable; returns its hash. */
  finish(): string {
    const ruled = this.#rules.some(({ length }) => length > 0)
    const index: GroupIndex = {
      format: 'dotline-groups',
      version: 1,
      sizes: this.#sizes,
      grades: this.#grades,
      ...(ruled ? { rules: this.#rules } : {}),
    }
    const text = JSON.stringify(index)
    writeDurably(this.path + groupsEnding, text)
    return createHash('sha256').update(text).digest('hex')
  }
}
