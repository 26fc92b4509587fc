/** Log-probabilities of every answer under the model that a run of DPO starts from: computed once, kept on disk. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileSha256 } from '#data/ledger'
import { allPreferences, type PreferenceBatch, type PreferenceShape } from '#data/preference-batches'
import type { PreferenceFile } from '#data/preference-file'
import { openSafetensors, writeSafetensors } from '#model/safetensors'
import type { MicroBatch, Replicas } from '../replicas.ts'

/** By file, then by the answer's number among the documents of its file; NaN where an answer is in no pair. */
export type Reference = Float32Array[]

export interface ReferenceOptions {
  path: string
  files: readonly PreferenceFile[]
  shape: PreferenceShape
  /** Of the model and the data. */
  fingerprint: string
  toMicro: (batch: PreferenceBatch) => MicroBatch
}

/** Reads the reference of the same model and data, or computes it with the weights as they are and writes it. */
export async function referenceOf(replicas: Replicas, options: ReferenceOptions): Promise<Reference> {
  const { path, files, fingerprint } = options
  const known = existsSync(path) ? await readReference(path, files, fingerprint) : null
  if (known) return known
  const reference = await computeReference(replicas, options)
  const tensors = reference.map((data, i) => ({ name: nameOf(files, i), shape: [data.length], data }))
  await writeSafetensors(path, tensors, { dtype: 'f32', metadata: { fingerprint } })
  return reference
}

const nameOf = (files: readonly PreferenceFile[], i: number): string => `${i}.${files[i].name}`

async function readReference(
  path: string,
  files: readonly PreferenceFile[],
  fingerprint: string,
): Promise<Reference | null> {
  await using file = await openSafetensors(path)
  if (file.metadata.get('fingerprint') !== fingerprint) return null
  const reference: Reference = []
  for (const [i, { answers }] of files.entries()) {
    const values = await file.read(nameOf(files, i))
    if (values.length !== answers) return null
    reference.push(values)
  }
  return reference
}

async function computeReference(replicas: Replicas, { files, shape, toMicro }: ReferenceOptions): Promise<Reference> {
  const reference = files.map(({ answers }) => new Float32Array(answers).fill(Number.NaN))
  const batches = allPreferences(files, shape)
  const values = await replicas.measure(batches.map(toMicro))
  for (const [i, { groups }] of batches.entries())
    for (const { file, answers } of groups)
      for (const { place, document } of answers) reference[file][document] = values[i][place]
  return reference
}

/** A hash of a model folder's weights. */
export async function weightsHash(folder: string): Promise<string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'))
  const hash = createHash('sha256')
  for (const name of names.sort()) hash.update(`${name} ${await fileSha256(join(folder, name))}\n`)
  return hash.digest('hex')
}
