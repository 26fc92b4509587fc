import { expect, test } from 'vitest'
import type { Conversation } from '#wire/conversations'
import { rowsOf } from './groups.ts'

const now = new Date(2026, 10, 24, 12).getTime()
const day = 86_400_000
const one = (id: string, ago: number, more: Partial<Conversation> = {}): Conversation => ({
  id,
  title: id,
  model: null,
  settings: {},
  folder: null,
  leaf: null,
  pinned: false,
  archived: false,
  created: 0,
  updated: now - ago,
  ...more,
})

test('the list has pinned ones, folders, then days, each under its heading', () => {
  const folder = { id: 'f', name: 'Desk', settings: {}, created: 0 }
  const list = [
    one('pinned', 9 * day, { pinned: true }),
    one('now', 1000),
    one('filed', 2000, { folder: 'f' }),
    one('eve', day),
    one('week', 5 * day),
    one('month', 20 * day),
    one('july', 130 * day, { folder: 'gone' }),
  ]
  const rows = rowsOf(list, [folder], now, 'en')
  expect(
    rows.map((row) => (row.type === 'group' ? `${row.kind} ${row.label}`.trim() : `- ${row.conversation.id}`)),
  ).toEqual([
    'pinned',
    '- pinned',
    'folder Desk',
    '- filed',
    'today',
    '- now',
    'yesterday',
    '- eve',
    'week',
    '- week',
    'month',
    '- month',
    'older July 2026',
    '- july',
  ])
})
