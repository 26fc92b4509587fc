import { expect, test } from 'vitest'
import { Canaries } from './secrets/canaries.ts'
import { spill } from './secrets.ts'

test('no refusal says a text or a secret, and log, spans, metrics and audit say neither', async () => {
  const { requests, refused, codes, leaks } = await spill(1, 20261124, 5)
  expect(leaks).toEqual([])
  expect(requests).toBeGreaterThan(300)
  expect(refused).toBeGreaterThan(300)
  expect(codes).toEqual(
    expect.arrayContaining(['internal_error', 'invalid_api_key', 'invalid_credentials', 'not_found']),
  )
}, 120_000)

test('a word is found where it should not be, and the shown ends of a key are none', () => {
  const canaries = new Canaries()
  const text = canaries.make('text', 'a test')
  const secret = canaries.guard('dl-abcdefg0123456789middle0123456789uvwxyz', 'a key')
  expect(canaries.leaksIn('log', `a ${text} b`, ['text'])).toMatchObject([
    { kind: 'text', from: 'a test', where: 'log' },
  ])
  expect(canaries.leaksIn('log', `a ${text} b`, ['secret'])).toEqual([])
  expect(canaries.leaksIn('log', `key ${secret}`, ['secret'])).toHaveLength(1)
  expect(canaries.leaksIn('log', 'key dl-abcdefg***uvwxyz', ['secret'])).toEqual([])
})
