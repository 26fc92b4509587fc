import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Arrays,
  CheckpointError,
  type CheckpointState,
  fingerprintOf,
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dotline-checkpoint-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const size = 1000
const fingerprint = fingerprintOf('a run')
const arrays = (value: number): Arrays => ({
  parameters: Float32Array.from({ length: size }, (_, i) => value + i / 3),
  first: new Float32Array(size).fill(value * 2),
  second: new Float32Array(size).fill(value * 3),
})
const state = (step: number): CheckpointState => ({
  step,
  tokens: step * 100,
  seconds: step / 7,
  batches: { place: step } as unknown as CheckpointState['batches'],
  fingerprint,
})
const load = (into = arrays(0), print = fingerprint) => loadCheckpoint(folder, print, into)
const newest = () => listCheckpoints(folder)[0]

describe('a checkpoint', () => {
  it('comes back bit for bit with its state', async () => {
    await saveCheckpoint(folder, state(4), arrays(1.5))
    const into = arrays(0)
    expect(await load(into)).toEqual(state(4))
    expect(into).toEqual(arrays(1.5))
  })

  it('is null where there is none', async () => expect(await load()).toBeNull())

  it('keeps the newest two, and loads the newest', async () => {
    for (const step of [4, 8, 12]) await saveCheckpoint(folder, state(step), arrays(step))
    expect(listCheckpoints(folder).map((path) => basename(path))).toEqual(['step-000000012', 'step-000000008'])
    expect((await load())?.step).toBe(12)
  })

  it('that a kill left half written is not seen, and is written over', async () => {
    await saveCheckpoint(folder, state(4), arrays(1))
    const partial = join(folder, 'step-000000008.partial')
    mkdirSync(partial)
    writeFileSync(join(partial, 'arrays.safetensors'), 'half')
    expect((await load())?.step).toBe(4)
    await saveCheckpoint(folder, state(8), arrays(2))
    expect((await load())?.step).toBe(8)
  })
})

describe('damage', () => {
  beforeEach(() => saveCheckpoint(folder, state(4), arrays(1)))

  it('of one bit of the weights is found', async () => {
    const path = join(newest(), 'arrays.safetensors')
    const bytes = readFileSync(path)
    bytes[bytes.length - 5] ^= 1
    writeFileSync(path, bytes)
    await expect(load()).rejects.toThrow(CheckpointError)
    await expect(load()).rejects.toThrow(/damaged .* remove .*step-000000004/)
  })

  it('by a cut is found', async () => {
    truncateSync(join(newest(), 'arrays.safetensors'), 2000)
    await expect(load()).rejects.toThrow(CheckpointError)
  })

  it('of the state is found, and named', async () => {
    writeFileSync(join(newest(), 'state.json'), '{"version": 1,')
    await expect(load()).rejects.toThrow(/state\.json is damaged: remove/)
    writeFileSync(join(newest(), 'state.json'), JSON.stringify({ version: 1, step: -1 }))
    await expect(load()).rejects.toThrow(CheckpointError)
    await expect(load()).rejects.toThrow(/state\.json/)
  })

  it('is told from another run’s checkpoint', async () => {
    await expect(load(arrays(0), fingerprintOf('another run'))).rejects.toThrow(/another configuration/)
  })

  it('does not touch the weights that are there', async () => {
    const path = join(newest(), 'arrays.safetensors')
    truncateSync(path, 3000)
    const into = arrays(7)
    await expect(load(into)).rejects.toThrow(CheckpointError)
    expect(into).toEqual(arrays(7))
  })

  it('leaves the checkpoint before it to go on from', async () => {
    await saveCheckpoint(folder, state(8), arrays(2))
    truncateSync(join(newest(), 'arrays.safetensors'), 2000)
    await expect(load()).rejects.toThrow(CheckpointError)
    rmSync(newest(), { recursive: true })
    expect((await load())?.step).toBe(4)
  })
})
