/** JSON numbers between two bounds, decided digit by digit on the decimal text, so that no rounding is involved. */
import type { Builder, Edge } from './program.ts'

export interface Bound {
  value: number
  exclusive: boolean
}

export interface NumberRange {
  least: Bound | null
  most: Bound | null
  whole: boolean
}

/** Digits that every double keeps apart. */
const safeDigits = 15
const mostDigits = 22
const fractionDigits = 6

const digit = (value: number, to: number): Edge => ({ low: 48 + value, high: 48 + value, to })
const anyDigit = (to: number, from = 0): Edge => ({ low: 48 + from, high: 57, to })
const sign = (character: string, to: number): Edge => ({
  low: character.charCodeAt(0),
  high: character.charCodeAt(0),
  to,
})

/** Numbers in a range; without bounds, such as keep all their digits in a double. */
export function numberRule(builder: Builder, range: NumberRange): number {
  const { whole } = range
  const [least, most] = whole ? [inclusive(range.least, 1), inclusive(range.most, -1)] : [range.least, range.most]
  if (least === null && most === null && !whole) return unboundedNumber(builder)
  const ways: number[] = []
  if (most === null || most.value >= 0) {
    const low = least !== null && least.value >= 0 ? least : null
    ways.push(new Magnitudes(builder, low, most, whole).start())
  }
  if (least === null || least.value < 0) {
    const low = most !== null && most.value <= 0 ? flipped(most) : null
    const high = least === null ? null : flipped(least)
    ways.push(builder.bytes(sign('-', new Magnitudes(builder, low, high, whole).start())))
  }
  return builder.split(ways)
}

/** Next to a whole number that is left out stands another, as long as doubles have them all. */
const inclusive = (bound: Bound | null, step: number): Bound | null =>
  bound?.exclusive === true && Number.isSafeInteger(bound.value)
    ? { value: bound.value + step, exclusive: false }
    : bound

const flipped = ({ value, exclusive }: Bound): Bound => ({ value: -value, exclusive })

/** With a fraction and an exponent, both optional and short. */
function unboundedNumber(to: Builder): number {
  const exponentDigits = to.bytes(anyDigit(to.split([to.end, to.bytes(anyDigit(to.end))])))
  const e = to.split([exponentDigits, to.bytes(sign('+', exponentDigits), sign('-', exponentDigits))])
  const exponent = to.split([to.end, to.bytes(sign('e', e), sign('E', e))])
  let more = exponent
  for (let i = 1; i < safeDigits; i++) more = to.split([exponent, to.bytes(anyDigit(more))])
  const fraction = to.split([exponent, to.bytes(sign('.', to.bytes(anyDigit(more))))])
  let whole = fraction
  for (let i = 1; i < safeDigits; i++) whole = to.split([fraction, to.bytes(anyDigit(whole))])
  const magnitude = to.bytes(digit(0, fraction), anyDigit(whole, 1))
  return to.split([magnitude, to.bytes(sign('-', magnitude))])
}

/** A bound as decimal digits before and after the point. */
interface Decimal {
  whole: string
  fraction: string
  exclusive: boolean
}

function decimal({ value, exclusive }: Bound): Decimal {
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e')
  const [before, after = ''] = mantissa.split('.')
  const shift = Number(exponent)
  const digits = before + after
  const point = before.length + shift
  const whole = (point > 0 ? digits.slice(0, point).padEnd(point, '0') : '').replace(/^0+/, '')
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits
  return { whole: whole === '' ? '0' : whole, fraction: fraction.replace(/0+$/, ''), exclusive }
}

/** Numbers without a sign between two bounds, none of them negative. */
class Magnitudes {
  private readonly to: Builder
  private readonly low: Decimal | null
  private readonly high: Decimal | null
  private readonly whole: boolean
  private readonly known = new Map<string, number>()

  constructor(to: Builder, low: Bound | null, high: Bound | null, whole: boolean) {
    this.to = to
    this.low = low && decimal(low)
    this.high = high && decimal(high)
    this.whole = whole
  }

  start(): number {
    const { low, high } = this
    // A number of more digits than a double keeps may turn out to be the bound itself.
    const beyond = (bound: Decimal) => bound.exclusive && bound.whole.length > safeDigits
    const from = low === null ? 1 : low.whole.length + (beyond(low) ? 1 : 0)
    const to = high === null ? Math.max(safeDigits, from) : high.whole.length - (beyond(high) ? 1 : 0)
    const ways: number[] = []
    for (let size = from; size <= Math.min(to, mostDigits); size++)
      ways.push(this.digits(size, 0, low?.whole.length === size, high?.whole.length === size))
    return this.to.split(ways)
  }

  /** After `at` of `size` digits; `onLow` and `onHigh` say whether they are so far those of the bound. */
  private digits(size: number, at: number, onLow: boolean, onHigh: boolean): number {
    if (at === size) return this.point(size, onLow, onHigh)
    return this.once(`${size} ${at} ${onLow} ${onHigh}`, () => {
      const first = at === 0 && size > 1 ? 1 : 0
      return this.next(this.low?.whole[at], this.high?.whole[at], onLow, onHigh, first, (low, high) =>
        this.digits(size, at + 1, low, high),
      )
    })
  }

  private point(size: number, onLow: boolean, onHigh: boolean): number {
    const ways = this.mayEnd(0, onLow, onHigh) ? [this.to.end] : []
    // With few enough digits in all, numbers of different text are different numbers.
    const longest = Math.max(fractionDigits, this.low?.fraction.length ?? 0, this.high?.fraction.length ?? 0)
    const room = Math.min(longest, safeDigits - size)
    if (!this.whole && room > 0) ways.push(this.to.bytes(sign('.', this.fraction(room, 0, onLow, onHigh))))
    return this.to.split(ways)
  }

  private fraction(room: number, at: number, onLow: boolean, onHigh: boolean): number {
    return this.once(`. ${room} ${at} ${onLow} ${onHigh}`, () => {
      const ways = at > 0 && this.mayEnd(at, onLow, onHigh) ? [this.to.end] : []
      const [lowDigit, highDigit] = [this.low?.fraction[at] ?? '0', this.high?.fraction[at] ?? '0']
      if (at < room)
        ways.push(
          this.next(lowDigit, highDigit, onLow, onHigh, 0, (low, high) => this.fraction(room, at + 1, low, high)),
        )
      return this.to.split(ways)
    })
  }

  private next(
    lowDigit: string | undefined,
    highDigit: string | undefined,
    onLow: boolean,
    onHigh: boolean,
    first: number,
    follow: (onLow: boolean, onHigh: boolean) => number,
  ): number {
    const least = onLow ? Math.max(first, Number(lowDigit)) : first
    const most = onHigh ? Number(highDigit) : 9
    const edges: Edge[] = []
    for (let value = least; value <= most; value++)
      edges.push(digit(value, follow(onLow && value === Number(lowDigit), onHigh && value === Number(highDigit))))
    return this.to.bytes(...edges)
  }

  /** Whether the number may end after `at` digits of the fraction: what is left out counts as zeros. */
  private mayEnd(at: number, onLow: boolean, onHigh: boolean): boolean {
    const rest = (bound: Decimal | null) => bound?.fraction.slice(at) ?? ''
    const zero = (digits: string) => /^0*$/.test(digits)
    if (onLow && (!zero(rest(this.low)) || this.low?.exclusive === true)) return false
    return !(onHigh && this.high?.exclusive === true && zero(rest(this.high)))
  }

  private once(key: string, make: () => number): number {
    const known = this.known.get(key)
    if (known !== undefined) return known
    const made = make()
    this.known.set(key, made)
    return made
  }
}
