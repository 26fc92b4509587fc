/** Seconds from milliseconds, with as many digits as can be told apart: 0.14, 2.3, 48. */
export function seconds(milliseconds: number): string {
  const value = milliseconds / 1000
  return value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)
}

/** A speed: whole above ten, one digit below. */
export const rate = (value: number, locale: string): string =>
  value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })
