import { expect, test } from 'vitest'
import { aloud, lastSentenceEnd } from './sentences.ts'

test.each([
  ['The dots', 0],
  ['One. Two', 4],
  ['It costs 3.5', 0],
  ['Hello! How are', 6],
  ['你好。我是', 3],
  ['a line\nhalf', 7],
])('of %j the first %i characters are whole sentences', (text, end) => {
  expect(lastSentenceEnd(text)).toBe(end)
})

test('the marks of Markdown are not read aloud', () => {
  expect(aloud('## A **bold** `word`\n- one\n> two')).toBe('A bold word one two')
})
