import { afterEach, describe, expect, it, vi } from 'vitest'
import { chinese } from './catalogue/chinese.ts'
import { english } from './catalogue/english.ts'
import { sentenceOf } from './failure.ts'

afterEach(() => vi.unstubAllEnvs())

const served = { url: 'http://127.0.0.1:1', model: 'mine', page: true, chat: true }
const notStarted = { message: 'no', host: '1.2.3.4', port: 77, folder: '/models' }
/** Something for every parameter that a text has; each stands in it where the language has a place for it. */
const given = (path: string): unknown[] => {
  if (path === 'serve.welcome') return [served]
  if (path.startsWith('failure.start')) return [notStarted]
  if (path === 'manifest.elsewhere') return [['Alpha']]
  if (path === 'usage.option') return ['ERR_PARSE_ARGS_UNKNOWN_OPTION', '--loud', "Unknown option '--loud'"]
  if (path === 'usage.number') return ['port', true, 11, 22, 'Omega']
  return path.startsWith('serve.ready') ? [1.25] : ['Alpha', 'Beta', 'Gamma', 'Delta']
}

/** Every text of a catalogue by its path. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]]
  if (typeof value === 'function') return [[path, String(value(...given(path)))]]
  return Object.entries(value as object).flatMap(([key, part]) => leaves(part, path ? `${path}.${key}` : key))
}

const ours = (texts: [string, string][]) =>
  texts.filter(([path]) => !path.startsWith('failure.kinds') && !path.startsWith('failure.system'))

describe('the two languages', () => {
  const [en, zh] = [new Map(ours(leaves(english))), new Map(ours(leaves(chinese)))]

  it('say the same things, each in its own words', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort())
    for (const [path, text] of zh) {
      expect(text, path).toMatch(/[\u4e00-\u9fff]/)
      expect(text, path).not.toMatch(/undefined|NaN/)
    }
    for (const [path, text] of en)
      if (!/^serve\.welcome$|overview\.title/.test(path)) expect(text, path).not.toMatch(/[\u4e00-\u9fff]/)
  })

  it('name the same options, arguments, endpoints and exit codes', () => {
    const said = /--[a-z][a-z-]*|\/v1\/\w+|\bhttps?:[\w:/.-]+|\b130\b|Alpha|Beta|Gamma|Delta|Omega/g
    const named = (text = '') => [...new Set(text.match(said))]
    for (const [path, text] of en) {
      // The serve room's own sentence stands in the English ones alone.
      if (path.startsWith('failure.start') || path === 'usage.option') continue
      expect(named(zh.get(path)).sort(), path).toEqual(named(text).sort())
    }
  })

  it('list the same options in the same order in each help', () => {
    const flags = (help: string) => help.match(/^ {2}--.*?(?= {2}|\n)/gm)
    for (const [name, help] of Object.entries(english.help)) {
      expect(flags(help)?.length, name).toBeGreaterThan(2)
      expect(flags(chinese.help[name as keyof typeof english.help]), name).toEqual(flags(help))
    }
  })
})

describe('a failure', () => {
  const missing = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: '/nowhere' })
  const wrong = Object.assign(new Error('rows must be even'), { name: 'RunConfigError' })

  it('is told as it stands in English', () => {
    vi.stubEnv('LC_ALL', 'en_GB.UTF-8')
    expect([missing, wrong, 'text'].map(sentenceOf)).toEqual(['ENOENT: no such file', 'rows must be even', 'text'])
  })

  it('is named in Chinese by its kind or by the system’s code, also of its cause', () => {
    vi.stubEnv('LC_ALL', 'zh_CN.UTF-8')
    expect(sentenceOf(missing)).toBe('找不到 /nowhere')
    expect(sentenceOf(new Error('cannot be read', { cause: missing }))).toBe('找不到 /nowhere')
    expect(sentenceOf(wrong)).toBe('训练配置有误：rows must be even')
  })
})
