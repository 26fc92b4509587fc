import { expect, test } from 'vitest'
import { languages, pickLanguage } from './words.ts'

function keys(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`]
  return Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`))
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : []
}

test('both languages have the same words', () => {
  expect(keys(languages.zh)).toEqual(keys(languages.en))
  for (const words of Object.values(languages)) expect(texts(words).filter((text) => text.trim() === '')).toEqual([])
})

test('the Chinese page is in Chinese, the English one in English', () => {
  const switches = new Set(['EN', 'Switch to English', 'zh-CN', 'Top-p'])
  const untranslated = texts(languages.zh).filter((text) => !/\p{Script=Han}/u.test(text) && !switches.has(text))
  expect(untranslated).toEqual([])
  const stray = texts(languages.en).filter((text) => /\p{Script=Han}/u.test(text))
  expect(stray).toEqual(['中文', '切换到中文'])
})

test.each([
  ['zh', ['en-GB'], 'zh'],
  [null, ['fr-FR', 'zh-TW', 'en'], 'zh'],
  [null, ['en-US', 'zh-CN'], 'en'],
  ['xx', ['de'], 'en'],
] as const)('kept %s and preferring %j gives %s', (kept, preferred, language) => {
  expect(pickLanguage(kept, preferred)).toBe(language)
})
