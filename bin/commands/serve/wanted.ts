import { texts } from '#bin/catalogue'
import { ConfigError, type Configuration } from '#bin/configuration'
import type { SettingKey } from '#bin/configuration/schema'
import type { LogFormat } from '#serve/log'
import type { SpanSettings } from '#serve/spans'

/** What a configuration says of a server, by its types. */
export interface Wanted {
  model?: string
  name?: string
  data?: string
  memoryBytes?: number
  port: number
  host: string
  allowPublic: boolean
  allowHost: readonly string[]
  slots?: number
  threads?: number
  logFormat: LogFormat
  page: boolean
  drainMs: number
  databaseUrl?: string
  spans: SpanSettings | null
}

/** @throws ConfigError where settings do not go together */
export function wantedOf({ settings }: Configuration): Wanted {
  // The table has checked each value by its kind.
  const get = <T>(key: SettingKey) => (settings[key].value ?? undefined) as T
  const memory = get<number | undefined>('memory')
  return {
    model: get('model'),
    name: get('name'),
    data: get('data'),
    memoryBytes: memory === undefined ? undefined : memory * 2 ** 30,
    port: get('port'),
    host: get('host'),
    allowPublic: get('allowPublic'),
    allowHost: get('allowHost'),
    slots: get('slots'),
    threads: get('threads'),
    logFormat: get('logFormat'),
    page: get('page'),
    drainMs: get<number>('drainSeconds') * 1000,
    databaseUrl: get('databaseUrl'),
    spans: spansOf(get),
  }
}

function spansOf(get: <T>(key: SettingKey) => T): SpanSettings | null {
  const to = get<'off' | 'collector' | 'file'>('spans.to')
  if (to === 'off') return null
  const common = { service: get<string>('spans.service'), content: get<boolean>('spans.content') }
  if (to === 'collector') {
    const endpoint = get<string>('spans.endpoint')
    return {
      ...common,
      to: { endpoint, private: get('spans.private'), key: get<string | undefined>('spans.key') ?? null },
    }
  }
  const file = get<string | undefined>('spans.file')
  if (file === undefined) throw new ConfigError('wrong_value', 'spans.file', texts().config.spansFile)
  return { ...common, to: { file } }
}
