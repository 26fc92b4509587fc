import { type Mark, statisticFigure } from '../figures.ts'
import type { Method } from '../method.ts'

/**
 * Bits per byte of running text, which compares models of different tokenizers. Each window is read by itself: its first
 * word is given and does not count, the tokens behind it do, over the UTF-8 bytes that they stand for.
 */
export const perplexity: Method = {
  lacks: () => null,
  async ask(item, _task, asker) {
    const cut = firstWord(item.question)
    return { scores: [await asker.scoreAfter(item.question.slice(0, cut), [item.question.slice(cut)])] }
  },
  mark(item, { scores }) {
    const bytes = Buffer.byteLength(item.question.slice(firstWord(item.question)))
    const [{ logprob, tokens }] = scores?.[0] ?? [{ logprob: 0, tokens: 0 }]
    const bits = -logprob / Math.LN2
    return { value: bits / bytes, said: '', right: '', values: { bits, bytes, tokens } }
  },
  figures: (marks) => [
    statisticFigure(marks, perByte, { name: 'bits-per-byte', chance: 8, unit: 'bits', better: 'lower', main: true }),
    statisticFigure(marks, (some) => Math.exp((sum(some, 'bits') * Math.LN2) / sum(some, 'tokens')), {
      name: 'perplexity-per-token',
      chance: null,
      better: 'lower',
    }),
  ],
}

const sum = (marks: readonly Mark[], name: string) =>
  marks.reduce((total, { values }) => total + (values?.[name] ?? 0), 0)
const perByte = (marks: readonly Mark[]) => sum(marks, 'bits') / sum(marks, 'bytes')

/** Where the first word ends; the first character, where words are not told apart. */
function firstWord(text: string): number {
  const space = text.slice(0, 40).search(/\s/)
  if (space > 0) return space
  return text.codePointAt(0) !== undefined && (text.codePointAt(0) as number) > 0xffff ? 2 : 1
}
