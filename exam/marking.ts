/** Marks of a single answer, as the published evaluations define them. Pure: a text and what is right go in, a mark comes out. */
import { numberIn } from './marking/numbers.ts'
import { harmonic, tokensOf } from './marking/squad.ts'
import type { Marking, Task } from './task.ts'

export { numberIn } from './marking/numbers.ts'
export { refuses } from './marking/refusal.ts'
export { normaliseAnswer } from './marking/squad.ts'

import { normaliseAnswer } from './marking/squad.ts'

export interface TextMark {
  /** From 0 to 1; all but F1 know only these two. */
  value: number
  /** What was taken for the answer. */
  taken: string
}

/** Marks a text against the answers that are accepted: the best of them counts, as in SQuAD. */
export function markText(
  said: string,
  answers: readonly string[],
  task: Pick<Task, 'mark' | 'pattern' | 'language'>,
): TextMark {
  const taken = task.pattern === undefined ? said : (found(said, task.pattern) ?? '')
  const marks = answers.map((answer) => markings[task.mark](taken, answer, task.language))
  return { value: Math.max(0, ...marks), taken }
}

/** The last match of a pattern: its first group, or all of it. */
function found(said: string, pattern: string): string | undefined {
  const match = [...said.matchAll(new RegExp(pattern, 'gmu'))].at(-1)
  return match && (match[1] ?? match[0])
}

type Mark = (said: string, answer: string, language: 'en' | 'zh') => number

const exact: Mark = (said, answer, language) =>
  Number(normaliseAnswer(said, language) === normaliseAnswer(answer, language))

const markings: Record<Marking, Mark> = {
  exact,
  regex: exact,
  numeric: (said, answer) => {
    const [a, b] = [numberIn(said), numberIn(answer)]
    return Number(a !== null && b !== null && a === b)
  },
  f1: (said, answer, language) => f1OfWords(said, answer, language),
}

/** The F1 of the words that an answer shares with the right one, counted with their repetitions (Rajpurkar et al. 2016). */
export function f1OfWords(said: string, answer: string, language: 'en' | 'zh'): number {
  const [a, b] = [tokensOf(said, language), tokensOf(answer, language)]
  // SQuAD 2.0's script: where either has no words, they agree only if neither has.
  if (a.length === 0 || b.length === 0) return Number(a.length === b.length)
  const left = new Map<string, number>()
  for (const word of b) left.set(word, (left.get(word) ?? 0) + 1)
  let shared = 0
  for (const word of a) {
    const count = left.get(word) ?? 0
    if (count > 0) shared++
    left.set(word, count - 1)
  }
  return shared === 0 ? 0 : harmonic(shared / a.length, shared / b.length)
}
