import { createHmac, randomBytes } from 'node:crypto'
import { hashOf } from '#serve/secrets'
import type { Store } from '#store/open'

/** One-time codes of RFC 6238, as every authenticator makes them: SHA-1, six digits, half a minute. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const stepMs = 30_000
const recoveryCodes = 10

/** What stands in a person's row. */
export interface SecondFactor {
  /** In base 32. */
  secret: string
  /** Asked for only once a code proved that the person can make them. */
  confirmed: boolean
  /** Hashes of codes that each replace a one-time code once. */
  recovery: string[]
}

export const readFactor = (kept: string | null): SecondFactor | null => (kept === null ? null : JSON.parse(kept))

export const newFactor = (): SecondFactor => ({ secret: base32(randomBytes(20)), confirmed: false, recovery: [] })

/** Ten words to be kept on paper, and what is kept of them here. */
export function newRecovery(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: recoveryCodes }, () => {
    const text = base32(randomBytes(10)).toLowerCase()
    return `${text.slice(0, 8)}-${text.slice(8, 16)}`
  })
  return { codes, hashes: codes.map(hashOf) }
}

/** What an authenticator reads as a picture or as a link. */
export function enrolmentUri({ secret }: SecondFactor, email: string): string {
  const label = encodeURIComponent(`Dotline:${email}`)
  return `otpauth://totp/${label}?secret=${secret}&issuer=Dotline&algorithm=SHA1&digits=6&period=30`
}

export function codeAt(secret: string, step: number, digits = 6): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const at = mac[mac.length - 1] & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

export const stepOf = (now: number) => Math.floor(now / stepMs)

/**
 * Whether a code is one of now, or of half a minute before or after. Each works once, also where two requests come at
 * the same time with it: the store decides which was first.
 */
export async function codeHolds(store: Store, person: string, factor: SecondFactor, code: string): Promise<boolean> {
  const now = Date.now()
  const given = code.replace(/\s/g, '').toLowerCase()
  const step = [0, -1, 1].map((off) => stepOf(now) + off).find((each) => codeAt(factor.secret, each) === given)
  if (step !== undefined) return first(store, `totp:${person}`, step, now + 10 * stepMs)
  const hash = hashOf(given)
  if (!factor.recovery.includes(hash)) return false
  if (!(await first(store, `recovery:${person}:${hash}`, 0, Number.MAX_SAFE_INTEGER))) return false
  const recovery = factor.recovery.filter((each) => each !== hash)
  await store.accounts.update(person, { totp: JSON.stringify({ ...factor, recovery }) })
  return true
}

async function first(store: Store, subject: string, start: number, until: number): Promise<boolean> {
  return await store.limits.take([{ subject, metric: 'once', start, until, amount: 1, maximum: 1 }]).then(
    () => true,
    (error: { code?: string }) => {
      if (error.code === 'limit_reached') return false
      throw error
    },
  )
}

function base32(bytes: Uint8Array): string {
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  const length = (bytes.length * 8) / 5
  return Array.from({ length }, (_, at) => alphabet[Number((bits >> BigInt(5 * (length - 1 - at))) & 31n)]).join('')
}

export function fromBase32(text: string): Buffer {
  const bits = [...text].reduce((all, letter) => (all << 5n) | BigInt(alphabet.indexOf(letter)), 0n)
  const length = Math.floor((text.length * 5) / 8)
  const spare = BigInt(text.length * 5 - length * 8)
  return Buffer.from((bits >> spare).toString(16).padStart(2 * length, '0'), 'hex')
}
