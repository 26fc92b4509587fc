/** Checkpoints: everything that a run needs to go on to the same weights, bit for bit. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { flushToDisk, writeDurably } from '#data/durable'
import { fileSha256 } from '#data/ledger'
import { openSafetensors, writeSafetensors } from '#model/safetensors'

export interface Arrays {
  parameters: Float32Array
  first: Float32Array
  second: Float32Array
}

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Steps done. */
  step: z.int().min(0),
  tokens: z.int().min(0),
  seconds: z.number().min(0),
  /** Where the stage stands in its data. */
  batches: z.custom<object>((v) => typeof v === 'object' && v !== null),
  /** Of the configuration, the layout and the data: a checkpoint of another run is refused. */
  fingerprint: z.string(),
  sha256: z.string(),
})

export type CheckpointState = Omit<z.infer<typeof stateSchema>, 'sha256' | 'version'>

/** A checkpoint that is damaged or belongs to another run. */
export class CheckpointError extends Error {
  override name = 'CheckpointError'
}

const prefix = 'step-'
const kept = 2

/** Writes a checkpoint: the folder appears whole, by one rename, and older ones beyond two are removed afterwards. */
export async function saveCheckpoint(folder: string, state: CheckpointState, arrays: Arrays): Promise<string> {
  const target = join(folder, `${prefix}${String(state.step).padStart(9, '0')}`)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const weights = join(partial, 'arrays.safetensors')
  const tensors = Object.entries(arrays).map(([name, data]) => ({ name, shape: [data.length], data }))
  await writeSafetensors(weights, tensors, { dtype: 'f32' })
  const sha256 = await fileSha256(weights)
  writeDurably(join(partial, 'state.json'), JSON.stringify({ version: 1, ...state, sha256 }))
  flushToDisk(partial)
  rmSync(target, { recursive: true, force: true })
  renameSync(partial, target)
  flushToDisk(dirname(target))
  for (const old of listCheckpoints(folder).slice(kept)) rmSync(old, { recursive: true, force: true })
  return target
}

/** Folders of finished checkpoints, newest first. */
export function listCheckpoints(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => /^step-\d{9}$/.test(name))
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name))
}

/**
 * Reads the newest checkpoint into the arrays and returns its state, or null where there is none. Throws
 * CheckpointError where it is damaged or its fingerprint is not this run's.
 */
export async function loadCheckpoint(
  folder: string,
  fingerprint: string,
  arrays: Arrays,
): Promise<CheckpointState | null> {
  const [newest] = listCheckpoints(folder)
  if (!newest) return null
  const { sha256, version: _version, ...state } = readState(newest)
  if (state.fingerprint !== fingerprint)
    throw new CheckpointError(
      `${newest} was written by a run of another configuration or other data: start a new folder`,
    )
  const weights = join(newest, 'arrays.safetensors')
  if ((await fileSha256(weights)) !== sha256)
    throw new CheckpointError(
      `${weights} is damaged (its hash is not the recorded one): remove ${newest} to resume before it`,
    )
  await using file = await openSafetensors(weights)
  for (const [name, array] of Object.entries(arrays)) {
    const values = await file.read(name)
    if (values.length !== array.length) throw new CheckpointError(`${weights}: ${name} has ${values.length} values`)
    array.set(values)
  }
  return state
}

function readState(folder: string): z.infer<typeof stateSchema> {
  const path = join(folder, 'state.json')
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new CheckpointError(`${path} is damaged: remove ${folder} to resume before it`, { cause })
  }
  const parsed = stateSchema.safeParse(value)
  if (!parsed.success) throw new CheckpointError(`${path} is not a checkpoint's state: ${parsed.error.message}`)
  return parsed.data
}

export const fingerprintOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')
