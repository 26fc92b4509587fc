/** Snapshots of a run on disk: the newest two, each whole or not there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '#data/durable'
import { CheckpointError } from '../checkpoint.ts'
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../ppo/snapshot.ts'

const kept = 2
const pattern = /^state-\d{9}\.snapshot$/

/** Snapshots in a folder, newest first. */
function listed(folder: string): string[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => pattern.test(name))
  return names
    .sort()
    .reverse()
    .map((name) => join(folder, name))
}

/** Writes a snapshot under its number, which grows with the run. */
export function saveSnapshot(folder: string, number: number, snapshot: Snapshot): void {
  mkdirSync(folder, { recursive: true })
  writeDurably(join(folder, `state-${String(number).padStart(9, '0')}.snapshot`), encodeSnapshot(snapshot))
  for (const old of listed(folder).slice(kept)) rmSync(old, { force: true })
}

/** The newest snapshot, or null. Throws CheckpointError where it is damaged, naming the file. */
export function newestSnapshot(folder: string): Snapshot | null {
  const [path] = listed(folder)
  if (!path) return null
  try {
    return decodeSnapshot(readFileSync(path))
  } catch (cause) {
    throw new CheckpointError(`${path} is damaged: remove it to resume before it`, { cause })
  }
}
