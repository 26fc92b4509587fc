/** The configuration of a server: flags before the environment, the environment before the file, the file before defaults. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { texts } from './catalogue.ts'
import {
  distance,
  flagOf,
  nearest,
  type SettingKey,
  settingKeys,
  settings,
  variablesOf,
} from './configuration/schema.ts'
import { ConfigError, fromFile, fromText, type Value } from './configuration/value.ts'
import { dataFolder } from './data-folder.ts'

export { ConfigError }

export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** A value, and where it comes from: `--port`, `the variable PORT`, the file, or nowhere. */
export interface Resolved {
  value: Value
  from: { by: 'flag' | 'variable' | 'file' | 'default'; name: string }
}

export interface Configuration {
  /** The file that was read; null where there is none. */
  file: string | null
  settings: Readonly<Record<SettingKey, Resolved>>
}

/** Reads what is configured. @throws ConfigError */
export function readConfiguration(flags: Flags, environment: NodeJS.ProcessEnv = process.env): Configuration {
  refuseMistyped(environment)
  const early = (key: SettingKey) => fromFlag(key, flags) ?? fromEnvironment(key, environment)
  const { path, named } = fileOf(flags, environment, early('data')?.value)
  const written = path === null ? new Map<SettingKey, Resolved>() : readFile(path, named, environment)
  const resolved = settingKeys.map((key): [SettingKey, Resolved] => [
    key,
    early(key) ?? written.get(key) ?? { value: settings[key].fallback, from: { by: 'default', name: '' } },
  ])
  return { file: path, settings: Object.fromEntries(resolved) as Record<SettingKey, Resolved> }
}

function fromFlag(key: SettingKey, flags: Flags): Resolved | null {
  const name = flagOf(key)
  const given = name === null ? undefined : flags[name]
  if (name === null || given === undefined) return null
  const value = key === 'page' ? given !== true : fromText(key, given, `--${name}`)
  return { value, from: { by: 'flag', name: `--${name}` } }
}

function fromEnvironment(key: SettingKey, environment: NodeJS.ProcessEnv): Resolved | null {
  const secret = settings[key].kind === 'secret'
  for (const name of variablesOf(key)) {
    const given = environment[name]
    if (given) return { value: fromText(key, given, texts().config.variable(name)), from: { by: 'variable', name } }
    const file = secret ? environment[`${name}_FILE`] : undefined
    if (file) return { value: secretIn(file, `${name}_FILE`), from: { by: 'variable', name: `${name}_FILE` } }
  }
  return null
}

/** The file that is named, or `dotline.json` in the data folder where there is one. */
function fileOf(flags: Flags, environment: NodeJS.ProcessEnv, data: Value | undefined) {
  const given = (typeof flags.config === 'string' ? flags.config : undefined) ?? environment.DOTLINE_CONFIG
  if (given) return { path: resolve(given), named: true }
  const usual = join(dataFolder(typeof data === 'string' ? data : undefined, environment), 'dotline.json')
  return { path: existsSync(usual) ? usual : null, named: false }
}

function readFile(path: string, named: boolean, environment: NodeJS.ProcessEnv): Map<SettingKey, Resolved> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError('unreadable', '', texts().config.unreadable(path, (error as Error).message))
  }
  const read = new Map<SettingKey, Resolved>()
  const from = { by: 'file', name: path } as const
  for (const [name, given] of entriesOf(content, path)) {
    const where = texts().config.inFile(name, path)
    const [, base = name, way] = /^(.*)(File|Variable)$/.exec(name) ?? []
    const key = settingKeys.find((each) => each === name || (each === base && settings[each].kind === 'secret'))
    if (key === undefined) throw unknown(name, settingNames(), where)
    if (settings[key].kind === 'secret') {
      if (name === key) throw new ConfigError('secret_here', name, texts().config.secretInFile(where, key))
      if (typeof given !== 'string') throw new ConfigError('wrong_value', name, texts().config.secretPlace(where))
      read.set(key, {
        value: way === 'File' ? secretIn(resolve(dirname(path), given), where) : (environment[given] ?? null),
        from,
      })
      if (read.get(key)?.value === null) throw new ConfigError('wrong_value', name, texts().config.notSet(where, given))
    } else {
      // The data folder's own file cannot say where the data folder is.
      if (key === 'data' && !named) throw new ConfigError('wrong_value', key, texts().config.dataInside(path))
      const value = fromFile(key, given, where)
      const { path: isPath } = settings[key] as { path?: true }
      read.set(key, { value: isPath && typeof value === 'string' ? resolve(dirname(path), value) : value, from })
    }
  }
  return read
}

/** The keys of a file with dots between their levels. */
function entriesOf(content: unknown, path: string): [string, unknown][] {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(content)) throw new ConfigError('unreadable', '', texts().config.noObject(path))
  return Object.entries(content).flatMap(([key, value]): [string, unknown][] => {
    // Editors find a schema by this key.
    if (key === '$schema') return []
    if (!isObject(value)) return [[key, value]]
    return Object.entries(value).map(([inner, each]) => [`${key}.${inner}`, each])
  })
}

/** Every key that a file may hold. */
export const settingNames = (): string[] =>
  settingKeys.flatMap((key) => (settings[key].kind === 'secret' ? [`${key}File`, `${key}Variable`] : [key]))

function unknown(name: string, known: readonly string[], where: string): ConfigError {
  const near = nearest(name, known)
  return new ConfigError('unknown_key', name, texts().config.unknown(where, near ?? ''), near)
}

/** A variable that misses a known one by a letter or two was meant to be it. Others belong to somebody else. */
function refuseMistyped(environment: NodeJS.ProcessEnv): void {
  const known = ['DOTLINE_CONFIG', 'DOTLINE_DEBUG', 'DOTLINE_EXAM_KEY']
  for (const key of settingKeys)
    for (const name of variablesOf(key)) known.push(name, ...(settings[key].kind === 'secret' ? [`${name}_FILE`] : []))
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('DOTLINE_') || known.includes(name)) continue
    const near = nearest(name, known)
    if (near !== null && distance(name, near) <= 2) throw unknown(name, known, texts().config.variable(name))
  }
}

function secretIn(file: string, where: string): string {
  try {
    const secret = readFileSync(file, 'utf8').trim()
    if (secret !== '') return secret
  } catch (error) {
    throw new ConfigError(
      'unreadable',
      where,
      texts().config.unreadable(file, (error as NodeJS.ErrnoException).code ?? ''),
    )
  }
  throw new ConfigError('wrong_value', where, texts().config.notSet(where, file))
}
