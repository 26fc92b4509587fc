/**
 * SQuAD's normalisation (Rajpurkar et al. 2016, evaluate-v1.1.py): lower case, no punctuation, no English articles, single
 * spaces. Chinese answers have no articles, and their characters stand for words; full-width punctuation goes too.
 */
export function normaliseAnswer(text: string, language: 'en' | 'zh'): string {
  const lower = text.normalize('NFKC').toLowerCase()
  const bare = lower
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/[\u3001-\u303f\uff00-\uffef\u2018-\u201d\u2026\u00b7]/g, '')
  const without = language === 'en' ? bare.replace(/\b(a|an|the)\b/g, ' ') : bare
  return without.split(/\s+/).filter(Boolean).join(' ')
}

const han = /\p{Script=Han}/u

/** The words of a normalised answer; each Chinese character is one. */
export function tokensOf(text: string, language: 'en' | 'zh'): string[] {
  const words = normaliseAnswer(text, language).split(' ').filter(Boolean)
  return words.flatMap((word) => (han.test(word) ? (word.match(/\p{Script=Han}|[^\p{Script=Han}]+/gu) ?? []) : [word]))
}

export const harmonic = (precision: number, recall: number): number =>
  precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
