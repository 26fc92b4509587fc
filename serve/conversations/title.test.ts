import { expect, test } from 'vitest'
import { firstWords, readTitle } from './title.ts'

test.each<[string, string, string, string | null]>([
  ['"Cats in the garden".', 'Why do cats purr?', 'They like it.', 'Cats in the garden'],
  ['标题：北京旅行计划', '我想去北京旅行', '好的', '北京旅行计划'],
  ['Hello! I am Dotline, nice to meet you.', 'Hello there', 'Hello! I am Dotline, nice to meet you.', null],
  ['Quantum physics', 'Why do cats purr?', 'They like it.', null],
  ['请给这段对话起一个标题', '对话是什么', '对话', null],
  ['', 'Why?', 'So.', null],
  ['one two three four five six seven eight nine ten eleven twelve cats', 'Why do cats purr?', 'So.', null],
])('of %j a title is made, or none', (said, question, answer, title) => {
  expect(readTitle(said, question, answer)).toBe(title)
})

test('until there is a title, the first words stand for it', () => {
  expect(firstWords('  Hello\nthere')).toBe('Hello')
  expect(firstWords('word '.repeat(40))).toMatch(/^(word )+word…$/)
  expect([...firstWords('点'.repeat(100))]).toHaveLength(60)
})
