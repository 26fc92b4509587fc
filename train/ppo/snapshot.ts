/** Everything that a run of PPO needs to go on bit for bit, at any minibatch, as one string of bytes. */
import { createHash } from 'node:crypto'
import { CheckpointError } from '../checkpoint.ts'
import type { Experience, Saved } from './ports.ts'

const kinds = { Float32Array, Int32Array, Uint32Array, Uint8Array }
type Kind = keyof typeof kinds
export type SnapshotArray = Float32Array | Int32Array | Uint32Array | Uint8Array

export interface Snapshot {
  state: { readonly [key: string]: Saved }
  arrays: Readonly<Record<string, SnapshotArray>>
}

interface Listed {
  name: string
  kind: Kind
  length: number
}

const hashBytes = 32

/** SHA-256 of the rest, the length of a JSON head, the head, and the arrays' bytes. */
export function encodeSnapshot({ state, arrays }: Snapshot): Uint8Array {
  const list = Object.entries(arrays).map(
    ([name, array]): Listed => ({ name, kind: array.constructor.name as Kind, length: array.length }),
  )
  const head = Buffer.from(JSON.stringify({ version: 1, state, arrays: list }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const contents = Object.values(arrays).map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength))
  const hash = createHash('sha256')
  for (const part of [length, head, ...contents]) hash.update(part)
  return Buffer.concat([hash.digest(), length, head, ...contents])
}

/** Throws CheckpointError where the bytes are not whole. */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const hash = createHash('sha256').update(all.subarray(hashBytes)).digest()
  if (!hash.equals(all.subarray(0, hashBytes)))
    throw new CheckpointError(
      'the state of PPO is damaged (its hash is not the recorded one): resume from an earlier one',
    )
  let at = hashBytes + 4
  const { state, arrays: list } = JSON.parse(all.toString('utf8', at, (at += all.readUInt32LE(hashBytes))))
  const arrays: Record<string, SnapshotArray> = {}
  for (const { name, kind, length } of list as Listed[]) {
    const array = new kinds[kind](length)
    const target = new Uint8Array(array.buffer)
    target.set(all.subarray(at, at + target.length))
    at += target.length
    arrays[name] = array
  }
  return { state, arrays }
}

const decisionArrays = ['rewards', 'values', 'logProbs', 'ends', 'bootstrap'] as const
const own = 'experience.'
const column = 'column.'

/** The arrays of an experience under names of a snapshot. */
export function experienceArrays(experience: Experience): Record<string, SnapshotArray> {
  const arrays: Record<string, SnapshotArray> = {}
  for (const name of decisionArrays) arrays[own + name] = experience[name]
  if (experience.units) arrays[`${own}units`] = experience.units
  if (experience.advantages) arrays[`${own}advantages`] = experience.advantages
  for (const [name, array] of Object.entries(experience.columns)) arrays[column + name] = array
  return arrays
}

export function savedExperience(arrays: Snapshot['arrays'], facts: Experience['facts']): Experience {
  const saved = <T extends SnapshotArray>(name: string) => (arrays[own + name] ?? null) as T
  const columns = Object.entries(arrays).flatMap(([name, array]) =>
    name.startsWith(column) ? [[name.slice(column.length), array] as const] : [],
  )
  return {
    count: saved('rewards').length,
    rewards: saved<Float32Array>('rewards'),
    values: saved<Float32Array>('values'),
    logProbs: saved<Float32Array>('logProbs'),
    ends: saved<Uint8Array>('ends'),
    bootstrap: saved<Float32Array>('bootstrap'),
    units: saved<Uint32Array>('units'),
    columns: Object.fromEntries(columns),
    ...(arrays[`${own}advantages`] ? { advantages: saved<Float32Array>('advantages') } : {}),
    facts,
  }
}
