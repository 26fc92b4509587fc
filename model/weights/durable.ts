import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes the file at `target` whatever `fill` writes, all or nothing: written beside under a hidden name, fsynced, renamed
 * over, and the folder fsynced. When the promise resolves the file survives a power cut; when it rejects nothing changed.
 */
export async function writeDurably(target: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const folder = path.dirname(target)
  const beside = path.join(folder, `.${path.basename(target)}.${randomBytes(6).toString('hex')}.partial`)
  try {
    const file = await open(beside, 'wx')
    try {
      await fill(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes names that were created, renamed or removed in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its file systems journal names by themselves.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes all of `bytes` at the file's current position; a single write may stop short. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten
}
