const number = /[-−]?\$?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?/g

/**
 * The number that a text answers with: what follows the last `####`, the mark of GSM8K's solutions (Cobbe et al. 2021);
 * without one, the last number there is, which the evaluation harness calls flexible extraction. Commas between
 * thousands and a dollar sign do not count. Null where there is none.
 */
export function numberIn(text: string): number | null {
  const wide = text.normalize('NFKC').replaceAll('−', '-')
  const marked = wide.lastIndexOf('####')
  if (marked >= 0) {
    const [first] = wide.slice(marked + 4).match(number) ?? []
    if (first !== undefined) return valueOf(first)
  }
  const last = wide.match(number)?.at(-1)
  return last === undefined ? null : valueOf(last)
}

const valueOf = (digits: string): number => Number(digits.replace(/[$,]/g, ''))
