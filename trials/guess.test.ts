import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { guess } from './guess/attack.ts'

vi.setConfig({ testTimeout: 240_000 })

it('of 60 passwords from three addresses, at most ten of an account are looked at', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-guess-'))
  try {
    const { mostOfAccount, answered } = await guess(folder, 60, 3, 1)
    expect(answered).toBe(60)
    expect(mostOfAccount).toBeGreaterThan(0)
    expect(mostOfAccount).toBeLessThanOrEqual(10)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
