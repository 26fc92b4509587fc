/** Where the relative paths of a run's configuration start: noted in its folder, for whoever reads its sources again. */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '#data/durable'
import { RunConfigError } from './run-config.ts'

const name = 'base.json'
const schema = z.object({ base: z.string() })

/** Notes it as seen from the folder, so that both may be moved together. */
export function noteBase(folder: string, base: string): void {
  writeDurably(join(folder, name), `${JSON.stringify({ base: relative(folder, base) || '.' })}\n`)
}

/** What the folder says, or null where it says nothing. Throws RunConfigError where the note cannot be read. */
export function notedBase(folder: string): string | null {
  const path = join(folder, name)
  if (!existsSync(path)) return null
  try {
    return resolve(folder, schema.parse(JSON.parse(readFileSync(path, 'utf8'))).base)
  } catch (cause) {
    throw new RunConfigError(`${path} does not say where the run's relative paths start: remove it`, { cause })
  }
}
