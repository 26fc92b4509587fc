/** Numbers as a person reads them. */

const units: [number, string][] = [
  [1e12, ' T'],
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
]

/** Three digits and a unit: 1234567 is 1.23 M. */
export function compact(value: number): string {
  const [size, unit] = units.find(([size]) => Math.abs(value) >= size * 0.9995) ?? [1, '']
  return `${short(value / size)}${unit}`
}

/** Three significant digits, no trailing zeros; the smallest and the largest as powers of ten. */
export function short(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude < 1e-3 || magnitude >= 1e7) return exponent(value)
  return String(Number(value.toPrecision(magnitude >= 1000 ? 4 : 3)))
}

function exponent(value: number): string {
  const [mantissa, power] = value.toExponential(2).split('e')
  const superscript = [...String(Number(power))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('')
  const digits = String(Number(mantissa))
  return digits === '1' ? `10${superscript}` : `${digits} × 10${superscript}`
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

export function clock(seconds: number): string {
  if (seconds < 100) return `${short(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 100) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

export function size(bytes: number): string {
  return `${compact(bytes).replace(/ ?([kMGT]?)$/, ' $1')}B`
}

export const median = (values: readonly number[]): number => {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  return sorted.length === 0 ? 0 : sorted[sorted.length >> 1]
}
