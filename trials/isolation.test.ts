import { expect, test } from 'vitest'
import { canariesIn } from './isolation/people.ts'
import { isolate } from './isolation.ts'

test('nobody reads a word of somebody else, whoever is cut off and however often the server starts again', async () => {
  const found = await isolate({ requests: 500, people: 30, restarts: 2, seed: 20261124 })
  expect(found.foreign).toEqual([])
  expect(found.told).toEqual([])
  expect(found.failed).toEqual([])
  expect(found.cut / found.requests).toBeGreaterThan(0.25)
  // What is looked for is there to be found: in bodies, streams, titles, exports.
  expect([...found.own.keys()]).toEqual(expect.arrayContaining(['chat', 'response', 'talk', 'titles', 'file', 'items']))
}, 120_000)

test('whose words stand in a text', () => {
  expect(canariesIn('{"a":"canary0007x0123abcd","b":"Xcanary0012xffffffff!"} canary12')).toEqual([7, 12])
})
