import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { speak } from './catalogue.ts'
import { config } from './commands/config.ts'
import { wantedOf } from './commands/serve/wanted.ts'
import { distance, flagOf, settingKeys, settings, variablesOf } from './configuration/schema.ts'
import { ConfigError, type Flags, readConfiguration, settingNames } from './configuration.ts'

const folder = mkdtempSync(join(tmpdir(), 'dotline-config-'))
const file = join(folder, 'dotline.json')
const secret = 'postgres://dotline:canary-password@db/x'
beforeEach(() => speak('en'))
afterEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (content: unknown) => writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
const read = (flags: Flags = {}, environment: NodeJS.ProcessEnv = {}) =>
  readConfiguration(flags, { DOTLINE_DATA: folder, ...environment })
const refusal = (flags: Flags = {}, environment: NodeJS.ProcessEnv = {}): ConfigError => {
  try {
    read(flags, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  return expect.unreachable('it was taken')
}

describe('a setting', () => {
  it('comes from a flag before the environment, from there before the file, and by default from nowhere', () => {
    expect(read().settings.port).toEqual({ value: 8787, from: { by: 'default', name: '' } })
    write({ port: 1000 })
    expect(read().settings.port).toEqual({ value: 1000, from: { by: 'file', name: file } })
    expect(read({}, { PORT: '2000' }).settings.port).toEqual({ value: 2000, from: { by: 'variable', name: 'PORT' } })
    expect(read({}, { PORT: '2000', DOTLINE_PORT: '3000' }).settings.port.value).toBe(3000)
    const flagged = read({ port: '4000' }, { PORT: '2000' }).settings.port
    expect(flagged).toEqual({ value: 4000, from: { by: 'flag', name: '--port' } })
  })

  it('is one by all three ways, whichever it is', () => {
    const samples = { text: 'abc', whole: 7, number: 7.5, switch: true, list: ['a', 'b'], choice: '' }
    for (const key of settingKeys.filter((each) => settings[each].kind !== 'secret')) {
      const setting = settings[key]
      const sample = setting.kind === 'choice' ? setting.choices[0] : samples[setting.kind as keyof typeof samples]
      const [outer, inner] = key.split('.')
      const other = join(folder, 'other.json')
      writeFileSync(other, JSON.stringify(inner === undefined ? { [outer]: sample } : { [outer]: { [inner]: sample } }))
      const path = setting.kind === 'text' && setting.path
      expect(readConfiguration({ config: other }, {}).settings[key].value, key).toEqual(
        path ? join(folder, 'abc') : sample,
      )
      expect(read({}, { [variablesOf(key)[0]]: String(sample) }).settings[key].value, key).toEqual(sample)
      const flag = flagOf(key) ?? ''
      const given = typeof sample === 'number' ? String(sample) : sample
      expect(read({ [flag]: given }).settings[key].value, key).toEqual(key === 'page' ? false : sample)
    }
  })

  it.each([
    [{ prot: 1 }, 'unknown_key', 'prot', 'port'],
    [{ spans: { endpont: 'x' } }, 'unknown_key', 'spans.endpont', 'spans.endpoint'],
    [{ wholly_else_and_long: 1 }, 'unknown_key', 'wholly_else_and_long', null],
    [{ port: '80' }, 'wrong_value', 'port', null],
    [{ port: 1.5 }, 'wrong_value', 'port', null],
    [{ logFormat: 'xml' }, 'wrong_value', 'logFormat', null],
    [{ allowHost: 'a' }, 'wrong_value', 'allowHost', null],
    [{ data: '/elsewhere' }, 'wrong_value', 'data', null],
    [{ databaseUrl: secret }, 'secret_here', 'databaseUrl', null],
    [{ databaseUrlVariable: 'NOT_SET' }, 'wrong_value', 'databaseUrlVariable', null],
    ['{', 'unreadable', '', null],
    ['[]', 'unreadable', '', null],
  ])('that a file may not hold is a typed error with the nearest name: %j', (content, code, key, near) => {
    write(content)
    const error = refusal()
    expect(error).toMatchObject({ code, key, nearest: near })
    if (near !== null) expect(error.message).toContain(near)
    expect(error.message).not.toContain('canary')
  })

  it('with a mistyped variable is not passed over; variables of others are', () => {
    expect(refusal({}, { DOTLINE_PROT: '1' })).toMatchObject({ code: 'unknown_key', nearest: 'DOTLINE_PORT' })
    expect(refusal({}, { DOTLINE_SLOTS: 'many' }).message).toBe(
      'the variable DOTLINE_SLOTS takes a whole number from 1 to 1024, not "many"',
    )
    read({}, { DOTLINE_SERVICE_HOST: '10.0.0.1', DOTLINE_UPSTREAM_KEY_OF_MINE: 'x' })
  })
})

describe('a secret', () => {
  const place = join(folder, 'secret')

  it('is found by the name of a file or a variable', () => {
    writeFileSync(place, `${secret}\n`)
    expect(read({}, { DOTLINE_DATABASE_URL_FILE: place }).settings.databaseUrl.value).toBe(secret)
    expect(read({}, { DATABASE_URL: secret }).settings.databaseUrl.value).toBe(secret)
    write({ databaseUrlFile: 'secret', spans: { keyVariable: 'THE_KEY' } })
    const { settings: found } = read({}, { THE_KEY: 'k' })
    expect([found.databaseUrl.value, found['spans.key'].value]).toEqual([secret, 'k'])
    expect(flagOf('databaseUrl')).toBeNull()
    expect(settingNames()).toContain('databaseUrlFile')
    expect(settingNames()).not.toContain('databaseUrl')
  })

  it.each(['en', 'zh'] as const)('is shown by no explanation (%s)', async (language) => {
    speak(language)
    const lines: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line) => lines.push(line))
    vi.stubEnv('DATABASE_URL', secret)
    vi.stubEnv('DOTLINE_DATA', folder)
    try {
      expect(await config.run(['--explain', '--port', '99'])).toBe(0)
      expect(await config.run(['--explain', '--json'])).toBe(0)
    } finally {
      vi.restoreAllMocks()
      vi.unstubAllEnvs()
    }
    const [table] = lines
    expect(lines.join('\n')).not.toContain('canary')
    for (const key of settingKeys) expect(table).toContain(key)
    expect(table).toMatch(/^port +99 +--port /m)
    expect(table).toMatch(/^databaseUrl +\[\S+\] +DATABASE_URL /m)
    const json = JSON.parse(lines.at(-1) ?? '')
    expect(json.settings.map(({ setting }: { setting: string }) => setting)).toEqual([...settingKeys])
    expect(json.settings.find(({ setting }: { setting: string }) => setting === 'databaseUrl')).toMatchObject({
      value: '[hidden]',
      from: 'variable',
      flag: null,
    })
  })
})

describe('what a server is started with', () => {
  it('is the configuration by its types', () => {
    write({ memory: 2, drainSeconds: 3, spans: { to: 'collector', private: true, service: 's' } })
    expect(wantedOf(read({ 'allow-host': ['a', 'b'], 'no-page': true }))).toMatchObject({
      port: 8787,
      allowHost: ['a', 'b'],
      page: false,
      memoryBytes: 2 ** 31,
      drainMs: 3000,
      spans: { service: 's', content: false, to: { endpoint: 'http://127.0.0.1:4318', private: true, key: null } },
    })
    expect(wantedOf(read({ 'spans-to': 'off' })).spans).toBeNull()
    expect(() => wantedOf(read({ 'spans-to': 'file' }))).toThrow(ConfigError)
  })
})

it('counts letters that were left out, added, changed or swapped', () => {
  const pairs: [string, string, number][] = [
    ['port', 'port', 0],
    ['prot', 'port', 1],
    ['prt', 'port', 1],
    ['poort', 'port', 1],
    ['part', 'port', 1],
    ['', 'abc', 3],
  ]
  for (const [a, b, steps] of pairs) expect(distance(a, b), `${a} ${b}`).toBe(steps)
})
