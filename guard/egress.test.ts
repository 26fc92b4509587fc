import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKind, judgeAddress, judgeUrl } from './egress.ts'

const strict = { private: false }
const own = { private: true }

describe('addresses', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.64.0.1', 'private'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['169.254.0.1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['192.0.2.7', 'reserved'],
    ['198.19.0.1', 'reserved'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::FFFF:A00:1', 'private'],
    ['::ffff:0:10.0.0.1', 'private'],
    ['64:ff9b::169.254.169.254', 'metadata'],
    ['64:ff9b:1::10.0.0.1', 'reserved'],
    ['::127.0.0.1', 'reserved'],
    ['2002:7f00:1::', 'loopback'],
    ['2002:808:808::1', 'public'],
    ['2001:0:7f00:1::', 'reserved'],
    ['fe80::1%eth0', 'link-local'],
    ['fc00::1', 'private'],
    ['fd00:ec2::254', 'metadata'],
    ['fec0::1', 'private'],
    ['ff02::1', 'multicast'],
    ['2001:db8::1', 'reserved'],
    ['2606:4700::1111', 'public'],
    ['4000::1', 'reserved'],
  ])('%s is %s', (address, kind) => expect(addressKind(address)).toBe(kind))

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.0.0.1',
    ':::',
    '1::2::3',
    '::1::',
    '1:2:3:4:5:6:7:8:9',
    'g::1',
    '::ffff:1.2.3',
    'localhost',
  ])('%j is none, and is refused', (text) => {
    expect(addressKind(text)).toBeNull()
    expect(judgeAddress(text, own)).toBe('host')
  })

  it('lets the operator name his own network, and never what is dangerous from inside', () => {
    expect(judgeAddress('127.0.0.1', strict)).toBe('loopback')
    expect(judgeAddress('127.0.0.1', own)).toBeNull()
    expect(judgeAddress('10.1.2.3', own)).toBeNull()
    expect(judgeAddress('fd12::1', own)).toBeNull()
    for (const address of ['169.254.169.254', '169.254.1.1', '0.0.0.0', '224.0.0.1', 'fe80::1', 'fd00:ec2::254'])
      expect(judgeAddress(address, own)).not.toBeNull()
  })
})

/** Ways in which an IPv4 address is written in a URL. */
function spellings(address: readonly number[]): string[] {
  const [a, b, c, d] = address
  const value = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = (n: number) => `0x${n.toString(16)}`
  const octal = (n: number) => `0${n.toString(8)}`
  const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
  const plain = address.join('.')
  const high = ((a << 8) | b).toString(16)
  const low = ((c << 8) | d).toString(16)
  const hosts = [
    plain,
    `${plain}.`,
    `${value}`,
    hex(value),
    hex(value).toUpperCase().replace('0X', '0x'),
    octal(value),
    address.map(hex).join('.'),
    address.map(octal).join('.'),
    address.map((n) => `00${n.toString(8)}`).join('.'),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${b * 65536 + c * 256 + d}`,
    `${hex(a)}.${b}.${octal(c)}.${d}`,
    wide(plain),
    plain.replaceAll('.', '。'),
    plain.replaceAll('.', '．'),
    plain.replace(/\d/, (digit) => `%3${digit}`),
    `[::ffff:${plain}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:FFFF:${high}:${low}]`,
    `[0000:0000:0000:0000:0000:ffff:${high}:${low}]`,
    `[64:ff9b::${plain}]`,
    `[2002:${high}:${low}::1]`,
    `[::${plain}]`,
  ]
  return hosts.flatMap((host) => [
    `http://${host}/v1`,
    `https://${host}:8443/v1`,
    `HTTP://${host}:80`,
    ` http:\\\\${host}\\v1 `,
  ])
}

describe('URLs', () => {
  const hidden = [
    [127, 0, 0, 1],
    [10, 0, 0, 1],
    [169, 254, 169, 254],
    [192, 168, 1, 1],
    [172, 16, 5, 4],
    [100, 64, 0, 1],
    [0, 0, 0, 0],
  ]
  const all = hidden.flatMap(spellings)

  it(`refuses ${all.length} spellings of addresses that are not public`, () => {
    expect(all.length).toBeGreaterThan(500)
    expect(all.filter((text) => judgeUrl(text, strict).refusal === null)).toEqual([])
  })

  it('refuses every spelling of a random address as it refuses the address', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.tuple(byte, byte, byte, byte), (address) => {
        const refusal = judgeAddress(address.join('.'), strict)
        const plain = `[::${address.join('.')}]`
        for (const text of spellings(address)) {
          // What IPv6 once called compatible is reserved, whatever stands in it.
          const expected = text.includes(plain) ? 'reserved' : refusal
          expect([text, judgeUrl(text, strict).refusal]).toEqual([text, expected])
        }
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    ['', 'not_a_url'],
    ['example.com', 'not_a_url'],
    ['http://', 'not_a_url'],
    ['ftp://example.com', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['gopher://127.0.0.1', 'scheme'],
    ['https://key@example.com', 'credentials'],
    ['https://example.com@127.0.0.1/', 'credentials'],
    ['http://localhost:8000/v1', 'loopback'],
    ['http://LOCALHOST./v1', 'loopback'],
    ['http://vllm.localhost/', 'loopback'],
    ['http://metadata.google.internal/', 'metadata'],
    ['http://[::1]/', 'loopback'],
    ['http://[fe80::1]/', 'link-local'],
  ])('%s: %s', (text, refusal) => expect(judgeUrl(text, strict).refusal).toBe(refusal))

  it('lets public names pass, and local ones where the operator says so', () => {
    expect(judgeUrl('https://api.example.com/v1', strict).url?.host).toBe('api.example.com')
    expect(judgeUrl('http://127.1:8000/v1', own).url?.host).toBe('127.0.0.1:8000')
    expect(judgeUrl('http://localhost:8000', own).refusal).toBeNull()
    expect(judgeUrl('http://metadata.google.internal/', own).refusal).toBe('metadata')
    expect(judgeUrl('http://[fd00:ec2::254]/', own).refusal).toBe('metadata')
  })
})
