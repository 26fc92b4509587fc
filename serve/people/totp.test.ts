import { describe, expect, it } from 'vitest'
import { codeAt, fromBase32, newFactor } from './totp.ts'

/** RFC 6238, appendix B, for SHA-1: the secret is "12345678901234567890". */
const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('one-time codes', () => {
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %d seconds are the RFC’s', (seconds, code) => {
    expect(codeAt(secret, Math.floor(seconds / 30), 8)).toBe(code)
    expect(codeAt(secret, Math.floor(seconds / 30))).toBe(code.slice(2))
  })

  it('have secrets of 160 bits that come back from their letters', () => {
    expect(fromBase32(secret).toString()).toBe('12345678901234567890')
    const { secret: own } = newFactor()
    expect(own).toMatch(/^[A-Z2-7]{32}$/)
    expect(fromBase32(own)).toHaveLength(20)
  })
})
