import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One hash over the names and bytes of every file below a folder. */
export function folderHash(folder: string): string {
  const hash = createHash('sha256')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort(byPlace)) {
    if (!entry.isFile()) continue
    hash.update(createHash('sha256').update(`${entry.parentPath}/${entry.name}`).digest())
    hash.update(
      createHash('sha256')
        .update(readFileSync(join(entry.parentPath, entry.name)))
        .digest(),
    )
  }
  return hash.digest('hex')
}

const byPlace = (a: { parentPath: string; name: string }, b: { parentPath: string; name: string }) =>
  join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1
