/** The error function in float64. */

/**
 * erf(x) = 2/√π · Σ 2ⁿ x²ⁿ⁺¹ e^(−x²) / (1·3·…·(2n+1)) for small x (Abramowitz and Stegun 7.1.6), where all terms have
 * one sign; 1 − erfc(x) by the continued fraction 7.1.14 for large x.
 */
export function erf(x: number): number {
  const a = Math.abs(x)
  if (Number.isNaN(x)) return x
  if (a > 6) return Math.sign(x)
  return Math.sign(x) * (a < 2.5 ? series(a) : 1 - complement(a))
}

function series(a: number): number {
  let term = a
  let sum = a
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * a * a) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum
}

function complement(a: number): number {
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction)
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction)
}
