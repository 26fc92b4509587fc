import { texts } from '../catalogue.ts'
import { UsageError } from '../command.ts'
import { type Setting, type SettingKey, settings } from './schema.ts'

export type Value = string | number | boolean | readonly string[] | null

/** The configuration cannot be used. */
export class ConfigError extends UsageError {
  readonly code: 'unknown_key' | 'wrong_value' | 'unreadable' | 'secret_here'
  readonly key: string
  /** The known name that was meant, where one is near. */
  readonly nearest: string | null

  constructor(code: ConfigError['code'], key: string, message: string, nearest: string | null = null) {
    super(message)
    this.code = code
    this.key = key
    this.nearest = nearest
  }
}

/** What stands in a file, which has types. @throws ConfigError */
export function fromFile(key: SettingKey, given: unknown, where: string): Value {
  const setting = settings[key]
  const fits =
    setting.kind === 'switch'
      ? typeof given === 'boolean'
      : setting.kind === 'list'
        ? Array.isArray(given) && given.every((each) => typeof each === 'string')
        : typeof given === (setting.kind === 'whole' || setting.kind === 'number' ? 'number' : 'string')
  if (!fits) throw wrong(key, setting, where, JSON.stringify(given) ?? String(given))
  return checked(key, setting, given as Value, where)
}

/** What stands in the environment or on the command line, where everything is text. @throws ConfigError */
export function fromText(key: SettingKey, given: string | boolean | readonly string[], where: string): Value {
  const setting = settings[key]
  if (typeof given !== 'string') return checked(key, setting, given, where)
  switch (setting.kind) {
    case 'whole':
    case 'number': {
      const value = given.trim() === '' ? Number.NaN : Number(given)
      return checked(key, setting, value, where, given)
    }
    case 'switch':
      if (/^(true|1|yes|on)$/i.test(given)) return true
      if (/^(false|0|no|off)$/i.test(given)) return false
      throw wrong(key, setting, where, given)
    case 'list':
      return checked(
        key,
        setting,
        given
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean),
        where,
      )
    default:
      return checked(key, setting, given, where)
  }
}

function checked(key: SettingKey, setting: Setting, value: Value, where: string, given = String(value)): Value {
  const fits = () => {
    switch (setting.kind) {
      case 'whole':
      case 'number':
        return (
          typeof value === 'number' &&
          value >= setting.min &&
          value <= setting.max &&
          (setting.kind === 'number' || Number.isInteger(value))
        )
      case 'choice':
        return setting.choices.includes(String(value))
      case 'text':
        return typeof value === 'string' && value.length > 0 && value.length <= setting.most
      case 'list':
        return Array.isArray(value) && value.length <= setting.most
      default:
        return true
    }
  }
  if (!fits()) throw wrong(key, setting, where, given)
  return value
}

function wrong(key: SettingKey, setting: Setting, where: string, given: string): ConfigError {
  const shown = given.length > 80 ? `${given.slice(0, 80)}…` : given
  return new ConfigError('wrong_value', key, texts().config.wrong(where, limitOf(setting), shown))
}

/** What a setting takes, in words. */
export function limitOf(setting: Setting): string {
  const said = texts().config.limits
  switch (setting.kind) {
    case 'whole':
    case 'number':
      return said.number(setting.kind === 'whole', setting.min, setting.max)
    case 'choice':
      return said.choice(setting.choices.slice(0, -1).join(', '), setting.choices.at(-1) ?? '')
    case 'switch':
      return said.switch
    case 'list':
      return said.list(setting.most)
    case 'text':
      return said.text(setting.most)
    case 'secret':
      return said.secret
  }
}
