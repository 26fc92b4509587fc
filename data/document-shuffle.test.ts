import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { shuffledStream } from './document-shuffle.ts'

let folder: string
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'shuffle-')), 'buckets')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

async function* items(count: number) {
  for (let i = 0; i < count; i++) yield { i, text: `点线\n${i}\u2028` }
}

async function order(count: number, seed: number, memory?: number): Promise<number[]> {
  const out: number[] = []
  for await (const item of shuffledStream(items(count), { seed, folder, memory, buckets: 16 })) {
    expect(item.text).toBe(`点线\n${item.i}\u2028`)
    out.push(item.i)
  }
  return out
}

test('the order is the same in memory and over the disk, and depends on the seed', async () => {
  const inMemory = await order(1000, 1)
  expect(existsSync(folder)).toBe(false)
  expect(await order(1000, 1, 500)).toEqual(inMemory)
  expect(existsSync(folder)).toBe(false)
  expect(await order(1000, 2)).not.toEqual(inMemory)
  expect([...inMemory].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  const moved = inMemory.reduce((sum, from, to) => sum + Math.abs(from - to), 0) / 1000
  expect(moved).toBeGreaterThan(250)
})

test('the folder is removed where the reader stops early, and an empty stream stays empty', async () => {
  for await (const item of shuffledStream(items(1000), { seed: 1, folder, memory: 500 })) {
    expect(existsSync(folder)).toBe(true)
    if (item) break
  }
  expect(existsSync(folder)).toBe(false)
  expect(await order(0, 1)).toEqual([])
})
