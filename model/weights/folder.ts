/** The files of a model folder: only its own are opened, and JSON ones are read within limits. */
import { readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { ModelFolderError } from './error.ts'
import { isJsonObject, JsonError, type JsonObject, parseJson } from './json.ts'

/** A config.json of 2 MB has been seen (label lists); an index holds some 60 bytes for each tensor. */
const longestJson = 32_000_000
const jsonLimits = { depth: 32, items: 1_000_000, keys: 1_000_000, text: longestJson, wholeNumbers: false }

export const configFile = 'config.json'
export const generationFile = 'generation_config.json'
export const indexFile = 'model.safetensors.index.json'
export const weightFile = 'model.safetensors'

/**
 * The real path of the file `name` in `folder`, or null if there is none. Throws ModelFolderError for a name that is more
 * than a file name, and for a link that leads out of the folder (but for Hugging Face's cache, whose snapshots are links
 * into the blobs beside them).
 */
export async function findFile(folder: string, name: string): Promise<string | null> {
  const full = path.join(folder, name)
  if (name !== path.basename(name) || name === '..' || name === '.' || /[\\/\0]/.test(name) || name === '')
    throw new ModelFolderError(folder, name, 'not a plain file name')
  try {
    const home = await realpath(folder)
    const real = await realpath(full)
    if (!isInside(home, real) && !isCacheBlob(home, real))
      throw new ModelFolderError(full, null, 'a link that leads out of the model folder')
    if (!(await stat(real)).isFile()) throw new ModelFolderError(full, null, 'not a regular file')
    return real
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** The JSON object in `folder`'s file `name`, or null if there is no such file. Throws ModelFolderError. */
export async function readJsonFile(folder: string, name: string): Promise<JsonObject | null> {
  const real = await findFile(folder, name)
  if (real === null) return null
  const file = path.join(folder, name)
  const { size } = await stat(real)
  if (size > longestJson) throw new ModelFolderError(file, null, `${size} bytes, more than the limit of ${longestJson}`)
  return parseJsonObject(await readFile(real), file)
}

/** The object that UTF-8 `bytes` spell; `file` names it in errors. Throws ModelFolderError. */
export function parseJsonObject(bytes: Uint8Array, file: string): JsonObject {
  try {
    const value = parseJson(bytes, jsonLimits)
    if (isJsonObject(value)) return value
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new ModelFolderError(file, null, error.message)
  }
  throw new ModelFolderError(file, null, 'not a JSON object')
}

/** What people call the model in `folder`: the repository for a snapshot in Hugging Face's cache, else the folder's name. */
export function modelName(folder: string): string {
  const full = path.resolve(folder)
  const repository = path.basename(path.dirname(path.dirname(full)))
  if (path.basename(path.dirname(full)) === 'snapshots' && repository.startsWith('models--'))
    return repository.slice('models--'.length).replaceAll('--', '/')
  return path.basename(full)
}

function isInside(home: string, real: string): boolean {
  return real.startsWith(home.endsWith(path.sep) ? home : home + path.sep)
}

function isCacheBlob(home: string, real: string): boolean {
  const snapshots = path.dirname(home)
  return path.basename(snapshots) === 'snapshots' && path.dirname(real) === path.join(path.dirname(snapshots), 'blobs')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
