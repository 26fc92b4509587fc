import { expect, test } from 'vitest'
import { readTree, writeTree } from './keep.ts'
import { add, emptyTree, root } from './tree.ts'

const asked = add(emptyTree, root, 'user', 'question', 'done')

test('a conversation is read back as it was', () => {
  const tree = add(asked, 'm1', 'assistant', 'answer', 'done')
  expect(readTree(writeTree(tree))).toEqual(tree)
})

test('an answer that was being written is marked as broken off, with what was there', () => {
  const tree = readTree(writeTree(add(asked, 'm1', 'assistant', 'ans', 'writing')))
  expect(tree.messages.m2).toMatchObject({ text: 'ans', state: 'failed', failure: { kind: 'reloaded' } })
})

test.each([
  null,
  '',
  '{',
  '[]',
  '{"version":2}',
  '{"version":1,"tree":{"next":1}}',
  writeTree(asked).replace('"user"', '"root"'),
])('what is no conversation is empty: %s', (kept) => {
  expect(readTree(kept)).toEqual(emptyTree)
})
