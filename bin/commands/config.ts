import { texts } from '../catalogue.ts'
import { type Command, parse, UsageError } from '../command.ts'
import { flagOf, flagOptions, type SettingKey, settingKeys, settings, variablesOf } from '../configuration/schema.ts'
import { limitOf, type Value } from '../configuration/value.ts'
import { type Flags, type Resolved, readConfiguration } from '../configuration.ts'
import { table } from '../table.ts'

const options = { explain: { type: 'boolean' }, json: { type: 'boolean' } } as const

/** Shows what a server would be started with, each value with its origin; a secret never. */
async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv, { ...flagOptions(), ...options })
  const { explain, json, ...flags } = values as Flags & { explain?: boolean; json?: boolean }
  if (positionals.length > 0 || explain !== true) throw new UsageError(texts().config.action)
  const { file, settings: resolved } = readConfiguration(flags)
  if (json === true) {
    const list = settingKeys.map((key) => described(key, resolved[key]))
    console.log(JSON.stringify({ file, settings: list }, null, 2))
    return 0
  }
  const said = texts().config
  const rows = settingKeys.map((key) => {
    const { from } = resolved[key]
    const origin = from.by === 'default' ? said.byDefault : from.name
    return [key, shown(key, resolved[key].value), origin, said.about[key], limitOf(settings[key]).trim()]
  })
  console.log(table([said.columns, ...rows]))
  console.log(`\n${file === null ? said.noFile : said.file(file)}\n${said.order}`)
  return 0
}

/** For programs: the same, with every name that a setting has. */
function described(key: SettingKey, { value, from }: Resolved) {
  const secret = settings[key].kind === 'secret'
  const flag = flagOf(key)
  return {
    setting: key,
    value: secret && value !== null ? '[hidden]' : value,
    from: from.by,
    ...(from.name === '' ? {} : { source: from.name }),
    flag: flag === null ? null : `--${flag}`,
    variables: variablesOf(key),
    about: texts().config.about[key],
    takes: limitOf(settings[key]).trim(),
  }
}

function shown(key: SettingKey, value: Value): string {
  const said = texts().config
  if (value === null || (Array.isArray(value) && value.length === 0)) return said.none
  return settings[key].kind === 'secret' ? said.hidden : String(value)
}

export const config: Command = { run }
