import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { usualThreads } from './threads.ts'

/** Files that hold nothing and take no room. */
function files(sizes: Record<string, number>): string {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-threads-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, size] of Object.entries(sizes)) {
    writeFileSync(join(folder, name), '')
    truncateSync(join(folder, name), size)
  }
  return folder
}

test('a small model on two cores has one thread, so that HTTP keeps a core', () => {
  const folder = files({ 'model.safetensors': 12 << 20, 'small.gguf': 12 << 20 })
  expect(usualThreads(folder, 2)).toBe(1)
  expect(usualThreads(join(folder, 'small.gguf'), 1)).toBe(1)
  expect(usualThreads(folder, 4)).toBe(2)
})

test('a larger one has two, its parts counted together', () => {
  const part = 200 << 20
  const folder = files({ 'model-1.safetensors': part, 'model-2.safetensors': part, 'large.gguf': 2 * part })
  expect(usualThreads(folder, 2)).toBe(2)
  expect(usualThreads(join(folder, 'large.gguf'), 2)).toBe(2)
})
