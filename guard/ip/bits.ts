/** Addresses as numbers. */

/** Four decimal numbers, as URLs and name servers write them after normalising; null for anything else. */
export function bits4(address: string): bigint | null {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

/** Any text form of RFC 4291, with or without a zone; null for anything else. */
export function bits6(address: string): bigint | null {
  let text = address.toLowerCase().replace(/%[\w.-]+$/, '')
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  if (dotted !== null) {
    const low = bits4(dotted[2])
    if (low === null) return null
    text = `${dotted[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`
  }
  const halves = text.split('::')
  if (halves.length > 2) return null
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = groups.flat()
  if (!given.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null
  if (halves.length === 1 ? given.length !== 8 : given.length > 7) return null
  const zeros = Array<string>(8 - given.length).fill('0')
  const all = halves.length === 1 ? given : [...groups[0], ...zeros, ...groups[1]]
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}
