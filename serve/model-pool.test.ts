import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '#serve/engine'
import { ScriptedEngine } from '#serve/scripted-engine'
import { engineContract } from './engine-contract.ts'
import { ModelPool, type ModelPoolOptions } from './model-pool.ts'
import { change, type LocalEntry, type Registry, readRegistry, registryFile, writeRegistry } from './registry.ts'
import { chatAsk } from './testing/scripted-requests.ts'
import { until } from './testing/scripted-server.ts'

const never = new AbortController().signal
let folder: string
let pool: ModelPool
/** Engines in the order in which they were opened. */
let opened: { id: string; engine: ScriptedEngine }[] = []
const logged: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-pool-'))
})
afterEach(async () => {
  await pool?.close()
  rmSync(folder, { recursive: true })
  opened = []
  logged.length = 0
})

const entry = (bytes: number): LocalEntry => ({
  kind: 'local',
  folder: 'x',
  bytes,
  manifest: null,
  added: 5,
  contextLength: 512,
  capabilities: ['chat'],
  price: null,
  licence: null,
})

function write(sizes: Readonly<Record<string, number>>, more: (registry: Registry) => Registry = (r) => r): void {
  const none: Registry = { version: 1, default: null, models: {}, aliases: {} }
  writeRegistry(folder, more(Object.entries(sizes).reduce((r, [id, bytes]) => change.add(r, id, entry(bytes)), none)))
}

function open(more: Partial<ModelPoolOptions> = {}): ModelPool {
  pool = new ModelPool({
    folder,
    memoryBytes: 100,
    watchMs: 10,
    open: (id) => {
      const engine = new ScriptedEngine({ tokens: () => [id, ' ', 'says'], delayMs: 1 }, id)
      opened.push({ id, engine })
      return engine
    },
    log: (line) => logged.push(line),
    ...more,
  })
  return pool
}

async function say(model: string, owner?: string): Promise<string> {
  const events: EngineEvent[] = []
  for await (const event of pool.chat(chatAsk({ model, owner }), never)) events.push(event)
  return events.map((event) => (event.type === 'start' ? '' : event.text)).join('')
}
const alive = () => opened.filter(({ engine }) => !engine.closed).map(({ id }) => id)

describe('the contract of engines', () => {
  it.each(engineContract)('$name', async ({ check }) => {
    write({ m: 10 })
    const engine = new ScriptedEngine(
      { tokens: () => Array.from({ length: 200 }, (_, at) => ` w${at}`), delayMs: 3 },
      'm',
    )
    open({ open: () => engine })
    await check({ engine: pool, model: 'm', produced: () => engine.produced })
  })
})

describe('several models', () => {
  it('are listed with the default first, and loaded when they are asked for', async () => {
    write({ a: 10, b: 10 }, (r) => change.makeDefault(change.alias(r, 'chat', { model: 'b', canary: null }), 'chat'))
    open()
    expect(pool.models().map(({ id, state, contextLength }) => [id, state, contextLength])).toEqual([
      ['chat', 'ready', 1024],
      ['a', 'ready', 512],
      ['b', 'ready', 1024],
    ])
    expect(alive()).toEqual(['b'])
    expect([await say('a'), await say('chat'), await say('b')]).toEqual(['a says', 'b says', 'b says'])
    expect(alive()).toEqual(['b', 'a'])
    expect(opened.map(({ engine }) => engine.requests.map(({ model }) => model))).toEqual([['b', 'b'], ['a']])
    await expect(say('c')).rejects.toMatchObject({ code: 'model_not_found', param: 'model' })
    expect(pool.stats().requests).toBe(3)
  })

  it('stay within their memory: the least recently used goes, and its counts stay', async () => {
    write({ a: 40, b: 40, c: 40 })
    open()
    await say('a')
    await say('b')
    await say('a')
    await say('c')
    expect(alive()).toEqual(['a', 'c'])
    await say('b')
    expect(alive()).toEqual(['c', 'b'])
    expect(pool.stats()).toMatchObject({ requests: 5, completionTokens: 15 })
    expect(logged.join()).toContain("'b' is unloaded to make room for 'c'")
  })

  it('have the sizes of their batches added up, those of unloaded ones too', async () => {
    write({ a: 60, b: 60, c: 10 })
    const sizes = (id: string) => ({ counts: [id === 'a' ? 3 : 0, id === 'b' ? 2 : 0, 0, 0, 0, 0, 0, 0, 1], sum: 200 })
    open({
      open: (id) => {
        const engine = new ScriptedEngine({ tokens: () => [id] }, id)
        // One that does not compute by itself counts no batches.
        return id === 'c' ? engine : Object.assign(engine, { batches: () => sizes(id) })
      },
    })
    for (const id of ['a', 'b', 'c']) await say(id)
    expect(pool.batches()).toEqual({ counts: [3, 2, 0, 0, 0, 0, 0, 0, 2], sum: 400 })
  })

  it('are not unloaded while they answer; one larger than all memory is loaded alone', async () => {
    write({ a: 60, b: 60, huge: 500 })
    open()
    const answer = pool.chat(chatAsk({ model: 'a' }), never)[Symbol.asyncIterator]()
    await answer.next()
    await expect(say('b')).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 5 })
    while ((await answer.next()).done !== true);
    expect(await say('b')).toBe('b says')
    expect(await say('huge')).toBe('huge says')
    expect(alive()).toEqual(['huge'])
  })

  it('are on trial by a share of an alias’s requests, one person always with the same', async () => {
    write({ a: 10, b: 10 }, (r) => change.alias(r, 'chat', { model: 'a', canary: { model: 'b', share: 0.25 } }))
    let at = 0
    open({ draw: () => (at++ % 100) / 100 })
    const said = []
    for (let i = 0; i < 100; i++) said.push(await say('chat'))
    expect(said.filter((each) => each === 'b says')).toHaveLength(25)
    const people = []
    for (let i = 0; i < 200; i++) people.push(await say('chat', `person ${i}`))
    const share = people.filter((each) => each === 'b says').length / 200
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.35)
    for (let i = 0; i < 10; i++) expect(await say('chat', `person ${i}`)).toBe(people[i])
  })

  it('change while the server runs: who answers goes on, what is gone is not there', async () => {
    write({ a: 10, b: 10 }, (r) => change.alias(r, 'chat', { model: 'a', canary: null }))
    open()
    expect(await say('chat')).toBe('a says')
    const answer = pool.chat(chatAsk({ model: 'a' }), never)[Symbol.asyncIterator]()
    await answer.next()
    const changed = change.alias(readRegistry(folder), 'chat', { model: 'b', canary: null })
    writeRegistry(folder, change.remove(changed, 'a'))
    await until(() => pool.models().every(({ id }) => id !== 'a'), 2000, 'the change is seen')
    expect(await say('chat')).toBe('b says')
    await expect(say('a')).rejects.toMatchObject({ code: 'model_not_found' })
    expect(opened[0].engine.closed).toBe(false)
    while ((await answer.next()).done !== true);
    expect(opened[0].engine.closed).toBe(true)
  })

  it('stay as they are when the registry is damaged', async () => {
    write({ a: 10 })
    open()
    writeFileSync(registryFile(folder), '{')
    await until(() => logged.length > 0, 2000, 'the damage is seen')
    expect(logged[0]).toContain('the old one holds')
    expect(await say('a')).toBe('a says')
  })

  it('that cannot be opened are unavailable, and the log says why', async () => {
    write({ a: 10, b: 10 })
    const broken = () => {
      throw new Error('KEY is not set')
    }
    open({ open: (id) => (id === 'b' ? broken() : new ScriptedEngine({ tokens: () => ['well'] }, id)) })
    await expect(say('b')).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.not.stringContaining('KEY'),
    })
    expect(logged[0]).toContain('KEY is not set')
    expect(await say('a')).toBe('well')
  })

  it('are the shipped one where the registry names none, and nothing where there is none', () => {
    expect(
      open({ shipped: { starter: entry(1) } })
        .models()
        .map(({ id }) => id),
    ).toEqual(['starter'])
    expect(() => open()).toThrow('dotline model add')
  })
})
