import { expect, test } from 'vitest'
import { seededRandom } from '#data/shuffle'
import { routes } from '#guard/routes'
import { sample, written } from './fuzz/documents.ts'
import { harm } from './fuzz/harm.ts'
import { faultOf } from './fuzz/judge.ts'
import { fuzz } from './fuzz.ts'

test('a body that may be anything is refused by the name of its field, or answered', async () => {
  const { addresses, answered, refused, faults, called, uncaught, exits } = await fuzz(400, 20261124)
  expect(faults).toEqual([])
  expect(called).toEqual([])
  expect(uncaught).toEqual([])
  expect(exits).toBe(0)
  expect(answered).toBeGreaterThan(20)
  expect(refused).toBeGreaterThan(200)
  const withBody = Object.keys(routes).filter((each) => /^(POST|PUT|PATCH) /.test(each))
  expect(addresses).toBe(withBody.length)
}, 120_000)

test('bodies are of every kind, and the judge tells what no server should say', () => {
  const random = seededRandom(3)
  const schema = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'] }
  const kinds = new Set(Array.from({ length: 4000 }, () => harm(sample(schema, random, {}), random).kind.split(' ')[0]))
  expect([...kinds].sort()).toEqual(['keys', 'large', 'ten', 'text', 'type', 'unchanged', 'values'])
  expect(JSON.parse(written(sample(schema, random, {}))).a).toBeGreaterThanOrEqual(1)
  const reply = { status: 400, id: '', contentType: 'application/json', text: '', error: '' }
  const said = (status: number | null, error: object) =>
    faultOf('/v1/files', 'POST', Buffer.from('{}'), { ...reply, status, text: JSON.stringify({ error }) })
  const fine = { message: 'a', type: 'invalid_request_error', param: 'a', code: 'invalid_value' }
  expect(said(400, fine)).toBeNull()
  expect(said(400, { ...fine, param: null })).toContain('names no field')
  expect(said(500, fine)).toContain('500')
  expect(said(400, { ...fine, message: 'a'.repeat(5000) })).toContain('characters')
  expect(said(null, fine)).toContain('no whole reply')
})
