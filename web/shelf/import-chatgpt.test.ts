import { expect, test } from 'vitest'
import { importSchema } from '#wire/conversations'
import { readChatGpt } from './import-chatgpt.ts'

const node = (id: string, parent: string | null, children: string[], message: object | null) => ({
  [id]: { id, parent, children, message },
})
const said = (role: string, words: string, more: object = {}) => ({
  author: { role },
  create_time: 1_700_000_001.5,
  content: { content_type: 'text', parts: [words] },
  metadata: {},
  ...more,
})

test("ChatGPT's export is read with its branches, times and models, without what nobody saw", () => {
  const file = [
    {
      title: 'Kyoto 京都',
      create_time: 1_700_000_000,
      update_time: 1_700_000_100,
      current_node: 'b',
      mapping: {
        ...node('root', null, ['system'], null),
        ...node('system', 'root', ['q'], said('system', '')),
        ...node('q', 'system', ['a', 'tool'], said('user', 'Where is Kyoto?')),
        ...node('a', 'q', [], said('assistant', 'In Japan.', { metadata: { model_slug: 'gpt-4' }, recipient: 'all' })),
        ...node('tool', 'q', ['b'], said('assistant', 'search()', { recipient: 'browser' })),
        ...node('b', 'tool', [], said('assistant', 'In Kansai.', { recipient: 'all' })),
      },
    },
  ]
  const read = readChatGpt(file)
  expect(read).toEqual([
    {
      title: 'Kyoto 京都',
      created: 1_700_000_000_000,
      updated: 1_700_000_100_000,
      archived: false,
      leaf: 'b',
      messages: [
        { id: 'q', parent: null, role: 'user', text: 'Where is Kyoto?', model: null, created: 1_700_000_001_500 },
        { id: 'a', parent: 'q', role: 'assistant', text: 'In Japan.', model: 'gpt-4', created: 1_700_000_001_500 },
        { id: 'b', parent: 'q', role: 'assistant', text: 'In Kansai.', model: null, created: 1_700_000_001_500 },
      ],
    },
  ])
  for (const one of read ?? []) expect(importSchema.safeParse(one).success).toBe(true)
})

test('what is no export of ChatGPT is told apart, and odd parts of one do no harm', () => {
  for (const file of [null, 7, {}, [], [{ messages: [] }]]) expect(readChatGpt(file)).toBe(null)
  const loop = { a: { parent: 'b', children: ['b'], message: said('user', 'x') }, b: { parent: 'a', children: ['a'] } }
  expect(
    readChatGpt([{ mapping: loop }, { mapping: { x: null, y: { message: said('user', 'hello') } } }]),
  ).toMatchObject([{ messages: [{ id: 'y', text: 'hello' }] }])
})
