import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { constants, copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { blobPath, hashOf } from './blobs/shelf.ts'
import { invalid, StoreError } from './errors.ts'
import { connect } from './sqlite/connection.ts'
import { storeErrorOf } from './sqlite/faults.ts'
import { databaseName } from './sqlite/runner.ts'
import { type Fault, verifyConnection } from './verify/database.ts'

export type { Fault } from './verify/database.ts'

export interface Backup {
  created: number
  /** SHA-256 of the database's file. */
  database: string
  blobs: number
}

const manifestName = 'backup.json'
const atOnce = 500

/**
 * Copies a store into a new folder, while it runs: the database as it was at one moment, and the bytes of every file in
 * it. The folder appears under its name when all of it is on the disk.
 */
export async function backup(folder: string, target: string): Promise<Backup> {
  await refuseExisting('target', target)
  const part = join(dirname(target), `.${basename(target)}.part`)
  await rm(part, { recursive: true, force: true })
  await mkdir(join(part, 'blobs'), { recursive: true, mode: 0o700 })
  try {
    const copy = join(part, databaseName)
    copyDatabase(join(folder, databaseName), copy)
    const blobs = await copyBlobs(copy, join(folder, 'blobs'), join(part, 'blobs'))
    const made: Backup = { created: Date.now(), database: await sumOf(copy), blobs }
    await writeFile(join(part, manifestName), `${JSON.stringify(made, null, 2)}\n`)
    for (const each of [copy, join(part, manifestName), part]) await sync(each)
    await rename(part, target)
    await sync(dirname(target))
    return made
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw storeErrorOf(error)
  }
}

/** Puts a backup, after checking it, where a store may start from. What stands there is not touched. */
export async function restore(source: string, folder: string): Promise<Backup> {
  await refuseExisting('folder', folder)
  const manifest = await readManifest(source)
  const faults = await verify(source)
  if (faults.length > 0) throw damaged(source, faults)
  const part = join(dirname(folder), `.${basename(folder)}.part`)
  await rm(part, { recursive: true, force: true })
  await mkdir(join(part, 'blobs'), { recursive: true, mode: 0o700 })
  const copy = join(part, databaseName)
  await copyFile(join(source, databaseName), copy)
  await copyBlobs(copy, join(source, 'blobs'), join(part, 'blobs'))
  for (const each of [copy, part]) await sync(each)
  await rename(part, folder)
  await sync(dirname(folder))
  return manifest
}

/**
 * Reads a store's folder, or a backup's, from one end to the other: the database's structure, the audit log's chain, the
 * hash of every file's bytes, and a backup's own sum. Empty where all is whole. The store may run meanwhile.
 */
export async function verify(folder: string): Promise<Fault[]> {
  const file = join(folder, databaseName)
  const manifest = await readManifest(folder).catch(() => null)
  if (manifest && (await sumOf(file).catch(() => '')) !== manifest.database) {
    return [{ where: databaseName, problem: 'is not as the backup was made' }]
  }
  if (!(await stat(file).catch(() => null))) return [{ where: databaseName, problem: 'is missing' }]
  const faults: Fault[] = []
  try {
    const connection = connect(file, 'read')
    try {
      faults.push(...(await verifyConnection(connection)))
    } finally {
      connection.database.close()
    }
    faults.push(...(await verifyBlobs(file, join(folder, 'blobs'))))
  } catch (error) {
    const mapped = storeErrorOf(error)
    if (!(mapped instanceof StoreError)) throw error
    faults.push({ where: databaseName, problem: mapped.message })
  }
  return faults
}

/** A consistent copy of a database that is in use, by a reading transaction: nobody waits for it. */
function copyDatabase(file: string, copy: string): void {
  const database = new DatabaseSync(file, { timeout: 5000 })
  try {
    database.prepare('vacuum into ?').run(copy)
  } finally {
    database.close()
  }
}

async function copyBlobs(database: string, from: string, to: string): Promise<number> {
  let copied = 0
  for (const { hash } of namedBlobs(database)) {
    const target = blobPath(to, hash)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await copyBlob(blobPath(from, hash), target)
    copied++
  }
  return copied
}

/** Bytes of their own, for a second name would be damaged with the first; shared where the file system copies on write. */
async function copyBlob(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new StoreError('damaged', `The bytes of a file are missing (${basename(from)}).`, {
      remedy: 'run dotline verify.',
    })
  }
  await sync(to)
}

function* namedBlobs(file: string): Generator<{ hash: string; bytes: number }> {
  const database = new DatabaseSync(file, { timeout: 5000, readOnly: true })
  try {
    const page = database.prepare('select distinct hash, bytes from files where hash > ? order by hash limit ?')
    for (let after = ''; ; ) {
      const rows = page.all(after, atOnce) as { hash: string; bytes: number }[]
      yield* rows
      if (rows.length < atOnce) return
      after = rows.at(-1)!.hash
    }
  } finally {
    database.close()
  }
}

async function verifyBlobs(database: string, folder: string): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const { hash } of namedBlobs(database)) {
    const found = await hashOf(folder, hash)
    if (found !== hash) faults.push({ where: `blob ${hash}`, problem: found === null ? 'is missing' : 'was changed' })
  }
  return faults
}

async function readManifest(source: string): Promise<Backup> {
  try {
    return JSON.parse(await readFile(join(source, manifestName), 'utf8'))
  } catch {
    throw invalid('source', `${source} is no backup of Dotline: ${manifestName} is missing or unreadable`)
  }
}

async function refuseExisting(field: string, path: string): Promise<void> {
  if (await stat(path).catch(() => null))
    throw invalid(field, `${path} is there already`, 'name a folder that is not there.')
}

async function sumOf(file: string): Promise<string> {
  const sum = createHash('sha256')
  for await (const chunk of createReadStream(file)) sum.update(chunk)
  return sum.digest('hex')
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function damaged(source: string, faults: Fault[]): StoreError {
  const [{ where, problem }] = faults
  return new StoreError(
    'damaged',
    `The backup ${source} is damaged in ${faults.length} places; the first: ${where} ${problem}.`,
    {
      remedy: 'use another backup.',
    },
  )
}
