import { bits4, bits6 } from './ip/bits.ts'

/** Addresses from which a key may be used: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`. */
export interface AddressRange {
  /** As IPv6 has it: an IPv4 address stands behind ::ffff:0:0/96, so that both spellings of one are the same. */
  start: bigint
  /** Of 128. */
  bits: number
}

const mapped = 0xffffn << 32n

/** Null where the text is no range. */
export function parseRange(text: string): AddressRange | null {
  const match = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text)
  if (match === null) return null
  const four = bits4(match[1])
  const value = four === null ? bits6(match[1]) : mapped | four
  if (value === null) return null
  const most = four === null ? 128 : 32
  const given = match[2] === undefined ? most : Number(match[2])
  if (given > most) return null
  const bits = four === null ? given : given + 96
  const free = BigInt(128 - bits)
  return { start: (value >> free) << free, bits }
}

/** Whether every address of `inner` is one of `outer`. */
export function rangeWithin(inner: AddressRange, outer: AddressRange): boolean {
  const free = BigInt(128 - outer.bits)
  return inner.bits >= outer.bits && inner.start >> free === outer.start >> free
}

/** Whether an address lies in one of the ranges; none are no bounds. What cannot be read lies nowhere. */
export function addressAllowed(address: string, ranges: readonly string[] | null): boolean {
  if (ranges === null) return true
  const one = parseRange(address.replace(/%[\w.-]+$/, ''))
  return one !== null && ranges.some((text) => liesIn(one, text))
}

function liesIn(one: AddressRange, text: string): boolean {
  const range = parseRange(text)
  return range !== null && rangeWithin(one, range)
}
