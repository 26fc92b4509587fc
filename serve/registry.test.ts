import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  change,
  type LocalEntry,
  type Registry,
  readRegistry,
  registryFile,
  resolveModel,
  writeRegistry,
} from './registry.ts'
import { upstreamSchema } from './upstream/settings.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-registry-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const local: LocalEntry = {
  kind: 'local',
  folder: 'm',
  bytes: 10,
  manifest: null,
  added: 1,
  contextLength: 512,
  capabilities: ['chat'],
  price: { currency: 'EUR', input: 0.1, cached: 0.05, output: 0.2 },
  licence: 'Apache-2.0',
}
const upstream = {
  kind: 'upstream' as const,
  upstream: upstreamSchema.parse({ urls: ['http://10.0.0.1/v1'], model: 'q', private: true, keyVariable: 'KEY' }),
  added: 1,
  contextLength: null,
  capabilities: ['chat' as const],
  price: null,
  licence: null,
}
const none: Registry = { version: 1, default: null, models: {}, aliases: {} }
const two = () => change.add(change.add(none, 'a', local), 'b', upstream)

describe('the file', () => {
  it('is read as it was written, and is empty where there is none', () => {
    expect(readRegistry(folder)).toEqual({ version: 1, default: null, models: {}, aliases: {} })
    const registry = change.alias(two(), 'chat', { model: 'a', canary: { model: 'b', share: 0.1 } })
    writeRegistry(folder, registry)
    expect(readRegistry(folder)).toEqual(registry)
    expect(readdirSync(folder)).toEqual(['registry.json'])
  })

  it.each([
    '',
    '{',
    '[]',
    '{"version":2}',
    '{"version":1,"default":null,"models":{"a":{"kind":"local"}},"aliases":{}}',
  ])('says what is wrong with %j', (text) => {
    writeFileSync(registryFile(folder), text)
    expect(() => readRegistry(folder)).toThrow(
      expect.objectContaining({ code: 'damaged', message: expect.stringContaining('registry.json') }),
    )
  })

  it('stays as it was when what is to be written is no registry', () => {
    writeRegistry(folder, two())
    expect(() => writeRegistry(folder, { ...two(), default: 5 } as unknown as Registry)).toThrow()
    expect(readRegistry(folder)).toEqual(two())
    expect(readdirSync(folder)).toEqual(['registry.json'])
  })
})

describe('changes', () => {
  it('make the first model the default, and another when it goes', () => {
    expect(two().default).toBe('a')
    expect(change.remove(two(), 'a').default).toBe('b')
    expect(change.makeDefault(two(), 'b').default).toBe('b')
    expect(change.remove(change.remove(two(), 'a'), 'b')).toMatchObject({ default: null, models: {} })
  })

  it('lead an alias back with one command, and forth again', () => {
    const first = change.alias(two(), 'chat', { model: 'a', canary: null })
    const trial = change.alias(first, 'chat', { model: 'a', canary: { model: 'b', share: 0.25 } })
    const [low, high] = [0.24, 0.25].map((draw) => resolveModel(trial, 'chat', draw))
    expect([low, high, resolveModel(trial, 'b', 0), resolveModel(trial, 'none', 0)]).toEqual(['b', 'a', 'b', null])
    const back = change.back(trial, 'chat')
    expect(resolveModel(back, 'chat', 0)).toBe('a')
    expect(change.back(back, 'chat').aliases.chat.canary).toEqual({ model: 'b', share: 0.25 })
    expect(change.removeAlias(change.makeDefault(trial, 'chat'), 'chat')).toMatchObject({ aliases: {}, default: 'a' })
  })

  it('lead an alias that began with a trial back to its model', () => {
    const trial = change.alias(two(), 'chat', { model: 'a', canary: { model: 'b', share: 1 } })
    expect(resolveModel(trial, 'chat', 0)).toBe('b')
    const back = change.back(trial, 'chat')
    expect([resolveModel(back, 'chat', 0), back.aliases.chat.canary]).toEqual(['a', null])
  })

  it.each<[string, string, (registry: Registry) => Registry]>([
    ['a name twice', 'taken', (r) => change.add(r, 'a', local)],
    ['an alias named as a model', 'taken', (r) => change.alias(r, 'b', { model: 'a', canary: null })],
    [
      'a model named as an alias',
      'taken',
      (r) => change.add(change.alias(r, 'x', { model: 'a', canary: null }), 'x', local),
    ],
    ['a name that is a path', 'bad_name', (r) => change.add(r, '../x', local)],
    ['an empty name', 'bad_name', (r) => change.add(r, '', local)],
    ['what every object has', 'unknown', (r) => change.remove(r, 'toString')],
    ['a model that is not there', 'unknown', (r) => change.makeDefault(r, 'x')],
    ['an alias that every object has', 'unknown', (r) => change.back(r, 'constructor')],
    ['an alias of nothing', 'unknown', (r) => change.alias(r, 'x', { model: 'y', canary: null })],
    ['a trial of nothing', 'unknown', (r) => change.alias(r, 'x', { model: 'a', canary: { model: 'y', share: 1 } })],
    ['a trial against itself', 'self', (r) => change.alias(r, 'x', { model: 'a', canary: { model: 'a', share: 1 } })],
    [
      'a way back from the beginning',
      'no_before',
      (r) => change.back(change.alias(r, 'x', { model: 'a', canary: null }), 'x'),
    ],
    ['what an alias leads to', 'in_use', (r) => change.remove(change.alias(r, 'x', { model: 'a', canary: null }), 'a')],
  ])('are refused: %s', (_what, code, make) => {
    expect(() => make(two())).toThrow(expect.objectContaining({ name: 'RegistryError', code }))
  })
})
