import type { Store } from '#store/open'
import type { AnswerDetail } from '#wire/conversations'

export type CostOf = (detail: AnswerDetail) => Promise<AnswerDetail['cost']>

export const noCost: CostOf = async () => null

const million = 1_000_000
const billion = 1_000_000_000

/** What an answer cost by the organisation's prices; null where no price was set for its model. */
export function costAt(store: Store, organisation: string, model: string): CostOf {
  return async ({ prompt_tokens, cached_tokens, completion_tokens }) => {
    if (organisation === '' || prompt_tokens == null || completion_tokens == null) return null
    const now = Date.now()
    const prices = (await store.prices.list(organisation)).filter(({ since }) => since <= now)
    const price = prices.findLast((each) => each.model === model) ?? prices.findLast((each) => each.model === '*')
    if (price === undefined) return null
    const cached = cached_tokens ?? 0
    const billionths = (prompt_tokens - cached) * price.input + cached * price.cached + completion_tokens * price.output
    return { amount: billionths / million / billion, currency: price.currency }
  }
}
