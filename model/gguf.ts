/** GGUF files, the format of llama.cpp: headers read with every claim checked first, files written all or nothing. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { Cursor } from './gguf/cursor.ts'
import { GgufError } from './gguf/error.ts'
import { type GgufHeader, type GgufValue, headerLimits, readHeader } from './gguf/header.ts'

export { GgufError } from './gguf/error.ts'
export { type GgufHeader, type GgufTensor, type GgufValue, headerLimits } from './gguf/header.ts'

/**
 * The header of the GGUF file at `path`. It is what stands between a file from anywhere and llama.cpp's own reader, which
 * runs in native code. @throws GgufError
 */
export async function readGguf(path: string): Promise<GgufHeader> {
  // Without O_NONBLOCK opening a named pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new GgufError(path, null, 'not a regular file')
    return await readHeader(new Cursor(path, handle, stat.size, headerLimits.headerBytes))
  } finally {
    await handle.close()
  }
}

/** A text of the metadata; undefined where there is none of that name, or it is no text. */
export function textOf(metadata: GgufHeader['metadata'], key: string): string | undefined {
  const value: GgufValue | undefined = metadata.get(key)
  return typeof value === 'string' ? value : undefined
}

/** A number of the metadata; undefined where there is none of that name, or it is no number. */
export function numberOf(metadata: GgufHeader['metadata'], key: string): number | undefined {
  const value: GgufValue | undefined = metadata.get(key)
  return typeof value === 'number' ? value : undefined
}
