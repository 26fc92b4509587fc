import { tokensPerSecond } from '../conversation/speed.ts'
import type { Details, Message } from '../conversation/tree.ts'
import type { Words } from '../language/english.ts'
import { rate, seconds } from '../language/numbers.ts'

/** `118 tokens · 0.14 s · 840 tokens/s`: what is known of it. */
export function summaryOf(details: Details, words: Words): string {
  const speed = tokensPerSecond(details)
  return [
    details.completionTokens === null ? '' : words.tokens(details.completionTokens),
    words.seconds(seconds(details.totalMs)),
    speed === null ? '' : words.perSecond(rate(speed, words.locale)),
    details.cost ? costOf(details.cost, words.locale) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** A sum of money, with as many digits as a single answer needs. */
export const costOf = ({ amount, currency }: { amount: number; currency: string }, locale: string): string =>
  amount.toLocaleString(locale, { style: 'currency', currency, maximumSignificantDigits: 2 })

/** How an answer ended, in words. */
export function endOf(details: Details, state: Message['state'], words: Words): string {
  if (state !== 'done') return words.finish[state]
  const reasons: Record<string, string> = words.finish
  return reasons[details.finishReason] ?? details.finishReason
}
