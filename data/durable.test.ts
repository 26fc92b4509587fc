import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DurableFile, writeDurably } from './durable.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'durable-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a file appears whole or not at all, and the old one stands until then', () => {
  const path = join(folder, 'a')
  writeFileSync(path, 'old')
  const file = new DurableFile(path)
  const large = new Uint8Array(3 * 2 ** 20).fill(65)
  file.write(new Uint8Array([66]))
  file.write(large)
  file.write(new Uint8Array([67]))
  expect(readFileSync(path, 'utf8')).toBe('old')
  file.commit()
  const content = readFileSync(path)
  expect([content.length, content[0], content[1], content.at(-1)]).toEqual([large.length + 2, 66, 65, 67])
  expect(existsSync(`${path}.partial`)).toBe(false)
})

test('an abandoned file leaves nothing beside the old one', () => {
  const path = join(folder, 'a')
  writeDurably(path, '点线')
  const file = new DurableFile(path)
  file.write(new Uint8Array([1]))
  file.abandon()
  expect(readFileSync(path, 'utf8')).toBe('点线')
  expect(existsSync(`${path}.partial`)).toBe(false)
})
