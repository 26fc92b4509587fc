import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { type files, type NewFile, noRoom, type StoredFile } from '../files.ts'
import type { Bound } from '../ground/operation.ts'
import { mediaTypeOf } from './media-type.ts'
import { bytesOf, clearIncoming, makeFolder, receive, settle } from './shelf.ts'

export interface Upload {
  name: string
  purpose: string
  expires?: number | null
  /** Bytes that all the owner's files may take. */
  quota: number
}

/** In a form what a file is for may come behind its bytes: it is asked once they are on the disk. */
export interface LateUpload {
  quota: number
  about(): Promise<Omit<Upload, 'quota'>>
  /** Gives the bytes their name; `files.add` where it is left out. */
  add?(file: NewFile): Promise<StoredFile>
}

export type FileDoor = Bound<typeof files> & {
  /** Keeps a file: its bytes are on the disk before it has a name, and it has a name before this resolves. */
  put(
    owner: string,
    upload: Upload | LateUpload,
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<StoredFile>
  /** The bytes from `start` to `end`, both of them included. */
  content(
    owner: string,
    id: string,
    range?: { start?: number; end?: number },
  ): Promise<{ file: StoredFile; bytes: Readable }>
  /** Removes what servers that died were receiving. */
  sweepIncoming(olderThanMs?: number): Promise<number>
}

export function withBytes(bound: Bound<typeof files>, folder: string): FileDoor {
  return {
    ...bound,
    async put(owner, upload, source) {
      const { quota } = upload
      const { bytes: before } = await bound.used(owner)
      if (before >= quota) throw noRoom(0, quota)
      await makeFolder(folder)
      const written = await receive(folder, source, quota - before)
      try {
        const { hash, bytes, head } = written
        const { name, purpose, expires } = 'about' in upload ? await upload.about() : upload
        await bound.claim(hash, bytes)
        await settle(folder, written)
        const type = mediaTypeOf(head, head.length === bytes)
        const file = { name, purpose, type, hash, bytes, expires }
        const add = 'about' in upload ? upload.add : undefined
        return await (add === undefined ? bound.add(owner, file, quota) : add(file))
      } finally {
        await rm(written.temporary, { force: true })
      }
    },
    async content(owner, id, range = {}) {
      const file = await bound.get(owner, id)
      return { file, bytes: await bytesOf(folder, file.hash, file.bytes, range) }
    },
    sweepIncoming: (olderThanMs = 3_600_000) => clearIncoming(folder, Date.now() - olderThanMs),
  }
}
