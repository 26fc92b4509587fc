import { bits4, bits6 } from './ip/bits.ts'

/**
 * Where this server may connect to. Pure decisions over addresses as text: the door that connects (`serve/egress`) asks
 * about the URL before it resolves the name, about every address that the name resolved to, and about the address that
 * it is in fact connected to, so that no spelling and no second answer of a name server leads elsewhere.
 */

export type AddressKind =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  /** Where clouds hand out credentials to whoever asks from inside. */
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved'

export interface EgressRule {
  /** The operator said that this upstream stands on this machine or in its network. */
  private: boolean
}

export type EgressRefusal = 'not_a_url' | 'scheme' | 'credentials' | 'host' | Exclude<AddressKind, 'public'>

/** What may be connected to, or why it may not. */
export type EgressVerdict = { url: URL; refusal: null } | { url: null; refusal: EgressRefusal }

type Range = readonly [start: string, bits: number, kind: AddressKind]

/** The first range that holds an address decides. IANA's special-purpose registries, and what clouds put there. */
const ranges4: readonly Range[] = [
  ['169.254.169.254', 32, 'metadata'],
  ['169.254.170.2', 32, 'metadata'],
  ['169.254.170.23', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  ['0.0.0.0', 0, 'public'],
]

const ranges6: readonly Range[] = [
  ['fd00:ec2::254', 128, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['3fff::', 20, 'reserved'],
  ['2000::', 3, 'public'],
  ['::', 0, 'reserved'],
]

/** Prefixes behind which an IPv4 address stands: that one is reached. `at` counts bits from the left. */
const carriers: readonly { start: string; bits: number; at: number }[] = [
  { start: '::ffff:0:0', bits: 96, at: 96 },
  { start: '::ffff:0:0:0', bits: 96, at: 96 },
  { start: '64:ff9b::', bits: 96, at: 96 },
  { start: '2002::', bits: 16, at: 16 },
]

/** Names that stand for an address whatever the name servers say. */
const names: ReadonlyMap<string, AddressKind> = new Map([
  ['localhost', 'loopback'],
  ['metadata', 'metadata'],
  ['metadata.google.internal', 'metadata'],
  ['metadata.goog', 'metadata'],
  ['instance-data', 'metadata'],
  ['instance-data.ec2.internal', 'metadata'],
])

const within = (value: bigint, start: bigint, bits: number, width: number) =>
  value >> BigInt(width - bits) === start >> BigInt(width - bits)

const compile = (ranges: readonly Range[], read: (address: string) => bigint | null) =>
  ranges.map(([start, bits, kind]) => ({ start: read(start) ?? 0n, bits, kind }))
const table4 = compile(ranges4, bits4)
const table6 = compile(ranges6, bits6)
const carrying = carriers.map(({ start, bits, at }) => ({ start: bits6(start) ?? 0n, bits, at }))

const kindOf = (value: bigint, table: typeof table4, width: number): AddressKind =>
  table.find(({ start, bits }) => within(value, start, bits, width))?.kind ?? 'reserved'

/** What an IP address is; null where the text is none. */
export function addressKind(address: string): AddressKind | null {
  const four = bits4(address)
  if (four !== null) return kindOf(four, table4, 32)
  const six = bits6(address)
  if (six === null) return null
  const carrier = carrying.find(({ start, bits }) => within(six, start, bits, 128))
  if (carrier === undefined) return kindOf(six, table6, 128)
  return kindOf((six >> BigInt(96 - carrier.at)) & 0xffffffffn, table4, 32)
}

/** Why an address may not be connected to; null where it may. */
export function judgeAddress(address: string, rule: EgressRule): EgressRefusal | null {
  const kind = addressKind(address)
  return kind === null ? 'host' : judgeKind(kind, rule)
}

function judgeKind(kind: AddressKind, rule: EgressRule): EgressRefusal | null {
  if (kind === 'public') return null
  return rule.private && (kind === 'loopback' || kind === 'private') ? null : kind
}

/** Judges an address of the configuration before any name is resolved; what is used is the URL that is returned. */
export function judgeUrl(text: string, rule: EgressRule): EgressVerdict {
  const refuse = (refusal: EgressRefusal): EgressVerdict => ({ url: null, refusal })
  if (!URL.canParse(text)) return refuse('not_a_url')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('scheme')
  if (url.username !== '' || url.password !== '') return refuse('credentials')
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') return refuse('host')
  const kind = addressKind(host) ?? names.get(host) ?? (host.endsWith('.localhost') ? 'loopback' : null)
  // A name is judged again by what it resolves to.
  const refusal = kind === null ? null : judgeKind(kind, rule)
  return refusal === null ? { url, refusal } : refuse(refusal)
}
