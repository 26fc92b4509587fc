import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where what belongs to this operator lies: `--data`, or the variable DOTLINE_DATA, or the place of such things on this system. */
export function dataFolder(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const given = named ?? environment.DOTLINE_DATA
  if (given) return resolve(given)
  const { XDG_DATA_HOME } = environment
  return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'dotline')
}

/** The models among it, with their registry. */
export const modelsFolder = (named: string | undefined): string => join(dataFolder(named), 'models')
