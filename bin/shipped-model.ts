import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { texts } from './catalogue.ts'

/** The model that a command is to use. */
export interface ChosenModel {
  folder: string
  /** The name that it answers to; undefined takes the folder's own. */
  id: string | undefined
}

/** There is no model to use; the message says how to get one. */
export class NoModelError extends Error {
  override name = 'NoModelError'
}

/** The model of this checkout, where it ships one. */
export const starter = fileURLToPath(new URL('../starter', import.meta.url))

/** The model that makes embeddings until the operator adds a better one. */
export const shippedEmbedder = fileURLToPath(new URL('../starter-embed', import.meta.url))

/**
 * The model named by `--model`, a run's folder standing for the model in it, or the starter model of this checkout.
 * Throws NoModelError where it is not there.
 */
export function chooseModel(named: string | undefined, shipped = starter): ChosenModel {
  if (named === undefined) {
    if (existsSync(join(shipped, 'config.json'))) return { folder: shipped, id: 'dotline-starter' }
    throw new NoModelError(texts().failure.noStarter)
  }
  const folder = resolve(named)
  const found = [folder, join(folder, 'model')].find((each) => existsSync(join(each, 'config.json')))
  if (found === undefined) throw new NoModelError(texts().failure.noModel(folder))
  // A run names the model in it.
  return { folder: found, id: basename(found) === 'model' ? basename(dirname(found)) : undefined }
}
