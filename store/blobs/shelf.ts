import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { StoreError } from '../errors.ts'
import { newId } from '../ground/ids.ts'

/** Bytes that were written to the disk and have no name yet. */
export interface Written {
  temporary: string
  hash: string
  bytes: number
  /** The beginning, by which the type is told. */
  head: Buffer
}

const headBytes = 4096

/** Where a blob lies below the folder: two letters of its hash, then the hash. Nothing of a caller is in the path. */
export function blobPath(folder: string, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new StoreError('internal', 'A blob is named by its SHA-256.')
  return join(folder, hash.slice(0, 2), hash)
}

export const temporaryFolder = (folder: string): string => join(folder, 'incoming')

/** Writes what comes beside its place and onto the disk. More than `most` bytes are refused, and nothing stays. */
export async function receive(
  folder: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
): Promise<Written> {
  const incoming = temporaryFolder(folder)
  await makeFolder(incoming)
  const temporary = join(incoming, newId(''))
  const handle = await openFile(temporary)
  try {
    const hash = createHash('sha256')
    const { bytes, head } = await copy(source, handle, hash, most)
    await handle.sync()
    return { temporary, hash: hash.digest('hex'), bytes, head }
  } catch (error) {
    await rm(temporary, { force: true })
    throw diskError(error)
  } finally {
    await handle.close()
  }
}

async function copy(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  handle: FileHandle,
  hash: Hash,
  most: number,
): Promise<{ bytes: number; head: Buffer }> {
  let bytes = 0
  let head = Buffer.alloc(0)
  for await (const chunk of source) {
    bytes += chunk.byteLength
    if (bytes > most) {
      throw new StoreError('quota_reached', `The file is larger than the ${most} bytes that are left.`, {
        field: 'file',
        limit: most,
        remedy: 'delete files that are not needed, or ask for more room.',
      })
    }
    if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)])
    hash.update(chunk)
    await handle.writeFile(chunk)
  }
  return { bytes, head }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600)
  } catch (error) {
    throw diskError(error)
  }
}

/** Gives the bytes their name: after this they are whole under it, or were never there. */
export async function settle(folder: string, { temporary, hash }: Pick<Written, 'temporary' | 'hash'>): Promise<void> {
  const path = blobPath(folder, hash)
  const parent = join(folder, hash.slice(0, 2))
  try {
    await makeFolder(parent)
    await rename(temporary, path)
    for (const each of [parent, folder]) await syncName(each)
  } catch (error) {
    throw diskError(error)
  }
}

/** A folder for blobs, and those above it. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw diskError(error)
  }
}

async function syncName(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The bytes from `start` to `end`, both of them included. */
export async function bytesOf(
  folder: string,
  hash: string,
  bytes: number,
  range: { start?: number; end?: number },
): Promise<Readable> {
  const handle = await openForReading(blobPath(folder, hash))
  const { size } = await handle.stat().catch(async (error: unknown) => {
    await handle.close()
    throw diskError(error)
  })
  if (size !== bytes) {
    await handle.close()
    throw damaged('not as they were')
  }
  return handle.createReadStream(range)
}

/** Opened before anything is promised of it: that it cannot be is then said by an error, and not by a reply that breaks off. */
async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? damaged('missing') : diskError(error)
  }
}

const damaged = (how: string) =>
  new StoreError('damaged', `The bytes of a file are ${how} on the disk.`, {
    remedy: 'run dotline verify, and restore the newest backup that it finds whole.',
  })

/** SHA-256 of a blob as it lies there; null where it is missing. */
export async function hashOf(folder: string, hash: string): Promise<string | null> {
  const sum = createHash('sha256')
  try {
    for await (const chunk of createReadStream(blobPath(folder, hash))) sum.update(chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw diskError(error)
  }
  return sum.digest('hex')
}

/** Removes what was being received by a server that died. */
export async function clearIncoming(folder: string, before: number): Promise<number> {
  const incoming = temporaryFolder(folder)
  let removed = 0
  for (const name of await readdir(incoming).catch(() => [])) {
    const path = join(incoming, name)
    const made = await stat(path).catch(() => null)
    if (made && made.mtimeMs < before) {
      await rm(path, { force: true })
      removed++
    }
  }
  return removed
}

function diskError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('full', 'The disk is full; nothing of the file was kept.', { remedy: 'free some space.' })
  }
  if (code === 'EIO' || code === 'EMFILE' || code === 'ENFILE' || code === 'EROFS' || code === 'EACCES') {
    return new StoreError('unavailable', `The disk refused the file (${code}); nothing of it was kept.`, {
      remedy: "check the disk, the folder's rights and the number of open files.",
    })
  }
  return error
}
