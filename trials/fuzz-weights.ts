import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { hostileConfig, hostileWeightFile } from '#model/hostile'
import { openSafetensors, parseSafetensors, WeightFileError } from '#model/safetensors'
import { ModelFolderError, parseConfig } from '#model/weights'
import { Figures } from '#trials/figures'

const slowestAllowed = 100
const memoryAllowed = 64

interface Tally {
  inputs: number
  refused: number
  untyped: number
  slowest: number
  /** Growth of the resident set beyond the start, in MB. */
  memory: number
}

/**
 * Feeds mutated weight files and config.json files to their readers: `--count` of each (10,000,000 by default), from
 * `--seed` on. One in a thousand weight files also goes through the disk. Goals: no error but the readers' own, none slower
 * than 100 ms, no more than 64 MB of memory.
 */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    strict: false,
    options: { count: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '0' } },
  })
  const [count, seed] = [wholeNumber('count', values.count), wholeNumber('seed', values.seed)]
  const figures = new Figures('npm run trials -- fuzz-weights')
  report(figures, 'weight files', await fuzz(count, seed, hostileWeightFile, readWeights))
  report(figures, 'config files', await fuzz(count, seed, hostileConfig, readSettings))
  report(figures, 'weight files on disk', await fuzzDisk(Math.ceil(count / 1000), seed))
  figures.finish()
}

function wholeNumber(option: string, text: unknown): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`--${option} ${text} is not a whole number`)
  return value
}

function readWeights(bytes: Uint8Array): void {
  for (const { offset, byteLength } of parseSafetensors(bytes, 'hostile').tensors.values())
    if (offset + byteLength > bytes.length) throw new Error('accepted a range outside the file')
}

function readSettings(bytes: Uint8Array): void {
  parseConfig(bytes, 'hostile')
}

async function fuzz(
  count: number,
  seed: number,
  make: (seed: number) => Uint8Array,
  read: (bytes: Uint8Array) => void,
): Promise<Tally> {
  const tally = emptyTally()
  // The first inputs grow the heap to its working size, whatever they hold.
  const warmUp = Math.min(count, 20_000)
  let before = process.memoryUsage.rss()
  for (let index = 0; index < count; index++) {
    const bytes = make(seed + index)
    const start = performance.now()
    try {
      read(bytes)
    } catch (error) {
      judge(tally, error, seed + index)
    }
    const elapsed = performance.now() - start
    // The machine may have paused us: what is slow must be slow again.
    if (elapsed > tally.slowest) tally.slowest = Math.max(tally.slowest, Math.min(elapsed, timeAgain(read, bytes)))
    tally.inputs++
    if (tally.inputs === warmUp) before = process.memoryUsage.rss()
    if (index % 10_000 === 0) tally.memory = Math.max(tally.memory, (process.memoryUsage.rss() - before) / 2 ** 20)
  }
  return tally
}

function timeAgain(read: (bytes: Uint8Array) => void, bytes: Uint8Array): number {
  const start = performance.now()
  try {
    read(bytes)
  } catch {
    // Judged the first time.
  }
  return performance.now() - start
}

async function fuzzDisk(count: number, seed: number): Promise<Tally> {
  const tally = emptyTally()
  const folder = await mkdtemp(path.join(tmpdir(), 'dotline-fuzz-'))
  try {
    const file = path.join(folder, 'hostile.safetensors')
    const before = process.memoryUsage.rss()
    for (let index = 0; index < count; index++) {
      await writeFile(file, hostileWeightFile(seed + index))
      const start = performance.now()
      await readFromDisk(file).catch((error: unknown) => judge(tally, error, seed + index))
      tally.slowest = Math.max(tally.slowest, performance.now() - start)
      tally.inputs++
    }
    tally.memory = (process.memoryUsage.rss() - before) / 2 ** 20
    return tally
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function readFromDisk(file: string): Promise<void> {
  await using open = await openSafetensors(file)
  for (const name of open.tensors.keys()) await open.read(name)
}

function emptyTally(): Tally {
  return { inputs: 0, refused: 0, untyped: 0, slowest: 0, memory: 0 }
}

function judge(tally: Tally, error: unknown, seed: number): void {
  if (error instanceof WeightFileError || error instanceof ModelFolderError) {
    tally.refused++
    return
  }
  tally.untyped++
  console.error(`seed ${seed}:`, error)
}

function report(figures: Figures, what: string, tally: Tally): void {
  figures.record(`${what} tried`, tally.inputs, 'files')
  figures.record(`${what} refused`, tally.refused, 'files')
  figures.record(`${what} with an untyped error`, tally.untyped, 'files', { op: '=', value: 0 })
  figures.record(`${what} slowest`, tally.slowest, 'ms', { op: '<=', value: slowestAllowed })
  figures.record(`${what} memory growth`, tally.memory, 'MB', { op: '<=', value: memoryAllowed })
}
