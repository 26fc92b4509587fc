import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { judge } from '#trials/structured'

describe('documents of the starter', () => {
  it('fit their schemas', { timeout: 300_000 }, async () => {
    const { finished, cut, wrong } = await judge(fileURLToPath(new URL('../starter', import.meta.url)), 8, 3)
    expect(wrong).toEqual([])
    expect(finished + cut).toBe(8)
    expect(finished).toBeGreaterThan(0)
  })
})
