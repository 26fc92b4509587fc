import { parseRange } from '#guard/address-range'

/** Under which name tries from an address are counted: an IPv6 network of 64 bits is in one hand. */
export function addressGroup(address: string): string {
  const range = parseRange(address.replace(/%.*$/, ''))
  if (range === null) return address
  const four = range.start >> 32n === 0xffffn
  return (four ? range.start : range.start >> 64n).toString(16)
}
