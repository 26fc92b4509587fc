import { logFormats } from '#serve/log'
import { limits } from '#wire/limits'

/** Everything that can be configured of a server: the one table behind the file, the environment and the flags. */

export const settingKeys = [
  'model',
  'name',
  'data',
  'memory',
  'port',
  'host',
  'allowPublic',
  'allowHost',
  'slots',
  'threads',
  'logFormat',
  'page',
  'drainSeconds',
  'databaseUrl',
  'spans.to',
  'spans.endpoint',
  'spans.private',
  'spans.key',
  'spans.file',
  'spans.service',
  'spans.content',
] as const
export type SettingKey = (typeof settingKeys)[number]

export type Setting =
  | { kind: 'text'; most: number; fallback: string | null; path?: true }
  | { kind: 'whole' | 'number'; min: number; max: number; fallback: number | null }
  | { kind: 'switch'; fallback: boolean }
  | { kind: 'list'; most: number; fallback: readonly string[] }
  | { kind: 'choice'; choices: readonly string[]; fallback: string }
  /** Never on a command line and never in a file: `…File` and `…Variable` name where it is found. */
  | { kind: 'secret'; fallback: null }

const text = (most: number, fallback: string | null = null): Setting => ({ kind: 'text', most, fallback })
const path: Setting = { kind: 'text', most: 4096, fallback: null, path: true }
const whole = (min: number, max: number, fallback: number | null): Setting => ({ kind: 'whole', min, max, fallback })
const off: Setting = { kind: 'switch', fallback: false }

export const settings: Readonly<Record<SettingKey, Setting>> = {
  model: path,
  name: text(limits.modelIdLength),
  data: path,
  memory: { kind: 'number', min: 0.01, max: 1e6, fallback: null },
  port: whole(0, 65_535, 8787),
  host: text(255, '127.0.0.1'),
  allowPublic: off,
  allowHost: { kind: 'list', most: 64, fallback: [] },
  slots: whole(1, 1024, null),
  threads: whole(1, 256, null),
  logFormat: { kind: 'choice', choices: logFormats, fallback: 'off' },
  page: { kind: 'switch', fallback: true },
  drainSeconds: whole(0, 3600, limits.drainMs / 1000),
  databaseUrl: { kind: 'secret', fallback: null },
  'spans.to': { kind: 'choice', choices: ['off', 'collector', 'file'], fallback: 'off' },
  'spans.endpoint': text(2048, 'http://127.0.0.1:4318'),
  'spans.private': off,
  'spans.key': { kind: 'secret', fallback: null },
  'spans.file': path,
  'spans.service': text(255, 'dotline'),
  'spans.content': off,
}

/** Names that were there before this table, and that others give: read where the table's own are not set. */
const older: Partial<Record<SettingKey, string>> = { port: 'PORT', databaseUrl: 'DATABASE_URL' }

const words = (key: SettingKey) => key.replace(/[A-Z]|\./g, (each) => (each === '.' ? '-' : `-${each.toLowerCase()}`))

/** `--allow-host`; null for a secret, which every user of the machine could read in the list of processes. */
export function flagOf(key: SettingKey): string | null {
  if (settings[key].kind === 'secret') return null
  return key === 'page' ? 'no-page' : words(key)
}

/** `DOTLINE_ALLOW_HOST`, then older names. */
export function variablesOf(key: SettingKey): string[] {
  const own = `DOTLINE_${words(key).replaceAll('-', '_').toUpperCase()}`
  return [own, ...(older[key] === undefined ? [] : [older[key]])]
}

/** Options for Node's parser of command lines. */
export function flagOptions(): Record<string, { type: 'string' | 'boolean'; multiple?: boolean }> {
  const flags = settingKeys.flatMap((key) => {
    const flag = flagOf(key)
    const { kind } = settings[key]
    if (flag === null) return []
    return [[flag, kind === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' }]]
  })
  return { config: { type: 'string' }, ...Object.fromEntries(flags) }
}

/** The known name that is nearest to a mistyped one; null where none is near. */
export function nearest(given: string, known: readonly string[]): string | null {
  const most = Math.max(2, Math.floor(given.length / 3))
  const ranked = known.map((name) => ({ name, steps: distance(given.toLowerCase(), name.toLowerCase()) }))
  const [best] = ranked.sort((a, b) => a.steps - b.steps)
  return best !== undefined && best.steps <= most ? best.name : null
}

/** Letters to insert, to leave out, to change or to swap with their neighbour. */
export function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i || j))
  for (let i = 0; i <= a.length; i++) rows[i][0] = i
  for (let j = 0; j <= b.length; j++) rows[0][j] = j
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, changed)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1)
    }
  return rows[a.length][b.length]
}
