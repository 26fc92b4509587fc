import { describe, expect, test } from 'vitest'
import {
  type Asker,
  chargesFor,
  counterOf,
  forever,
  type Limit,
  limitsFor,
  limitWords,
  storageFor,
  windowOf,
} from './quota.ts'

const ada: Asker = { organisation: 'org-a', project: 'proj_1', person: 'user-1', key: 'key_1', model: 'small' }
const limit = (subject: string, metric = 'tokens', period = 'day', maximum = 100): Limit => ({
  subject,
  metric,
  period,
  maximum,
})

describe('a period', () => {
  const now = Date.UTC(2026, 11, 31, 23, 59, 30, 5)
  test.each([
    ['minute', Date.UTC(2026, 11, 31, 23, 59), Date.UTC(2027, 0, 1)],
    ['day', Date.UTC(2026, 11, 31), Date.UTC(2027, 0, 1)],
    ['month', Date.UTC(2026, 11, 1), Date.UTC(2027, 0, 1)],
    ['none', 0, forever],
  ])('of a %s', (period, start, until) => {
    expect(windowOf(period, now)).toEqual({ start, until })
  })
})

describe('the limits that hold', () => {
  const subjects = (limits: Limit[], asker = ada) => limitsFor(limits, asker).map(({ subject }) => subject)
  test.each<[string, string[], Partial<Asker>, string[]]>([
    [
      'one’s own',
      ['organisation', 'project:proj_1', 'person:user-1', 'key:key_1', 'model:small'],
      {},
      ['organisation', 'project:proj_1', 'person:user-1', 'key:key_1', 'model:small'],
    ],
    ['nobody else’s', ['project:proj_2', 'person:user-2', 'key:key_2', 'model:large', 'project', ''], {}, []],
    ['those for all of a kind', ['person:*', 'model:*'], {}, ['person:*', 'model:*']],
    ['one’s own before that for all', ['person:*', 'person:user-1'], {}, ['person:user-1']],
    ['not those for persons where a project’s key asks', ['person:*', 'key:*'], { person: '' }, ['key:*']],
  ])('%s', (_, given, asker, held) => {
    expect(
      subjects(
        given.map((each) => limit(each)),
        { ...ada, ...asker },
      ),
    ).toEqual(held)
  })

  test('for all of a kind, where one’s own is of something else', () => {
    const held = limitsFor([limit('key:*', 'requests', 'minute'), limit('key:key_1', 'tokens'), limit('key:*')], ada)
    expect(held.map(({ subject, metric }) => [subject, metric])).toEqual([
      ['key:key_1', 'tokens'],
      ['key:*', 'requests'],
    ])
  })
})

describe('what a request takes', () => {
  const now = Date.UTC(2026, 0, 1)
  const need = { tokens: 40, money: { amount: 7, currency: 'EUR' } }
  test('of each limit, by its metric', () => {
    const all = ['requests', 'tokens', 'money:EUR', 'money:USD', 'concurrent', 'storage'].map((metric) =>
      limit('organisation', metric, metric === 'concurrent' ? 'none' : 'day'),
    )
    const taken = chargesFor(all, ada, need, now).map(({ metric, amount, partly = false }) => [metric, amount, partly])
    expect(taken).toEqual([
      ['requests', 1, false],
      ['tokens', 40, true],
      ['money:EUR', 7, true],
      ['concurrent', 1, false],
    ])
    expect(chargesFor(all, ada, { tokens: 0, money: null }, now).map(({ amount }) => amount)).toEqual([1, 1, 1])
  })

  test('is counted apart for each organisation, subject and period, also where they begin at once', () => {
    const limits = ['minute', 'day', 'month'].flatMap((period) =>
      ['organisation', 'person:*', 'key:*'].map((subject) => limit(subject, 'tokens', period)),
    )
    const askers = [ada, { ...ada, organisation: 'org-b' }, { ...ada, person: 'user-2', key: 'key_2' }]
    const counters = askers.flatMap((asker) => chargesFor(limits, asker, need, now).map((charge) => charge.subject))
    // The organisation's own three are the same for its two people.
    expect(new Set(counters).size).toBe(3 * 9 - 3)
  })

  test('is counted for each of a kind by itself', () => {
    expect(counterOf(limit('person:*'), ada)).toBe('org-a person:user-1 day')
  })
})

test('the room for files is the least that holds', () => {
  const limits = [limit('organisation', 'storage', 'none', 500), limit('person:*', 'storage', 'none', 70)]
  expect(storageFor(limits, ada, 1000)).toBe(70)
  expect(storageFor(limits, ada, 50)).toBe(50)
  expect(storageFor(limits, { ...ada, person: '' }, 1000)).toBe(500)
})

test.each([
  [limit('organisation', 'tokens', 'day', 5), '5 tokens a day of the organisation'],
  [limit('key:key_1', 'money:EUR', 'month', 2_500_000_000), '2.5 EUR a month of the key key_1'],
  [limit('person:*', 'concurrent', 'none', 3), '3 requests at once of each person'],
  [limit('model:a:b', 'requests', 'minute', 9), '9 requests a minute of the model a:b'],
])('a limit in words', (given, words) => {
  expect(limitWords(given)).toBe(words)
})
