import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
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
  /** What was still alive after a collection, beyond the start, in MB: the resident set also holds what V8 keeps for later. */
  kept: number
  /** The most that one input made us allocate, in MB, of every eighth input. */
  allocated: number
}

/**
 * Feeds mutated weight files and config.json files to their readers: `--count` of each (10,000,000 by default), from
 * `--seed` on. One in a thousand weight files also goes through the disk. Goals: no error but the readers' own, none slower
 * than 100 ms, none that allocates or leaves behind more than 64 MB.
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
  const before = alive()
  for (let index = 0; index < count; index++) {
    const bytes = make(seed + index)
    const held = index % 8 === 0 ? allocatedNow() : Number.POSITIVE_INFINITY
    const start = performance.now()
    try {
      read(bytes)
    } catch (error) {
      judge(tally, error, seed + index)
    }
    const elapsed = performance.now() - start
    tally.allocated = Math.max(tally.allocated, allocatedSince(held))
    // The machine may have paused us: what is slow must be slow again.
    if (elapsed > tally.slowest) tally.slowest = Math.max(tally.slowest, Math.min(elapsed, timeAgain(read, bytes)))
    tally.inputs++
    if (index % 100_000 === 0) tally.kept = Math.max(tally.kept, alive() - before)
  }
  tally.kept = Math.max(tally.kept, alive() - before)
  return tally
}

/** Bytes of heap and buffers in use, dead or alive, in MB. */
function allocatedNow(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return (heapUsed + arrayBuffers) / 2 ** 20
}

function allocatedSince(held: number): number {
  return held === Number.POSITIVE_INFINITY ? 0 : allocatedNow() - held
}

/** The same after a full collection. */
function alive(): number {
  collect()
  return allocatedNow()
}

const collect: () => void = (() => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
})()

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
    const before = alive()
    for (let index = 0; index < count; index++) {
      await writeFile(file, hostileWeightFile(seed + index))
      const start = performance.now()
      await readFromDisk(file).catch((error: unknown) => judge(tally, error, seed + index))
      const elapsed = performance.now() - start
      if (elapsed > tally.slowest) tally.slowest = Math.max(tally.slowest, Math.min(elapsed, await diskTimeAgain(file)))
      tally.inputs++
    }
    tally.kept = alive() - before
    return tally
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function diskTimeAgain(file: string): Promise<number> {
  const start = performance.now()
  // Judged the first time.
  await readFromDisk(file).catch(() => undefined)
  return performance.now() - start
}

async function readFromDisk(file: string): Promise<void> {
  await using open = await openSafetensors(file)
  for (const name of open.tensors.keys()) await open.read(name)
}

function emptyTally(): Tally {
  return { inputs: 0, refused: 0, untyped: 0, slowest: 0, kept: 0, allocated: 0 }
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
  figures.record(`${what} kept in memory`, tally.kept, 'MB', { op: '<=', value: memoryAllowed })
  // Reading from the disk waits, and what others allocate meanwhile would count.
  if (tally.allocated > 0)
    figures.record(`${what} allocated for one`, tally.allocated, 'MB', { op: '<=', value: memoryAllowed })
}
