import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ledgerEntryFor, provenance, readLedger, verifyLedgerFile } from './ledger.ts'

let folder: string
const content = '{"text":"点线"}\n'
const entry = {
  file: 'a.jsonl.gz',
  repository: 'owner/name',
  commit: '0123456789abcdef0123456789abcdef01234567',
  paths: ['a/*.md'],
  licence: 'MIT (texts in the public domain)',
  kind: 'pretrain',
  language: 'zh',
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
  note: '',
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'))
  writeFileSync(join(folder, 'ledger.json'), JSON.stringify([entry]))
  writeFileSync(join(folder, 'a.jsonl.gz'), gzipSync(content))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a file finds its source and licence in the ledger beside it', () => {
  const found = ledgerEntryFor(join(folder, 'a.jsonl.gz'))
  expect(found && provenance(found)).toEqual({ source: `owner/name@${entry.commit}`, licence: 'MIT' })
  expect(provenance({ ...entry, commit: 'HEAD of each snapshot' }).source).toBe('owner/name')
  expect(() => ledgerEntryFor(join(folder, 'b.txt'))).toThrow(/does not list b\.txt/)
  rmSync(join(folder, 'ledger.json'))
  expect(ledgerEntryFor(join(folder, 'a.jsonl.gz'))).toBeUndefined()
})

test('the hash is over the unpacked content; another file is refused with both hashes', async () => {
  const path = join(folder, 'a.jsonl.gz')
  await verifyLedgerFile(path, entry)
  writeFileSync(path, content)
  await verifyLedgerFile(path, entry)
  writeFileSync(path, gzipSync(content.replace('线', '面')))
  await expect(verifyLedgerFile(path, entry)).rejects.toThrow(new RegExp(`is not the file.*${entry.sha256}`))
})

test('a ledger that is wrong says where', () => {
  writeFileSync(join(folder, 'ledger.json'), JSON.stringify([entry, { ...entry, sha256: 'x' }]))
  expect(() => readLedger(join(folder, 'ledger.json'))).toThrow(/entry 1\.sha256/)
  writeFileSync(join(folder, 'ledger.json'), '[')
  expect(() => readLedger(join(folder, 'ledger.json'))).toThrow(/not readable JSON/)
})
