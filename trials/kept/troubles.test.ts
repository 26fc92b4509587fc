import { expect, test } from 'vitest'
import { routes } from '#guard/routes'
import { endureTrouble } from '../kill.ts'
import { creations, others } from './creating.ts'
import { troubles } from './troubles.ts'

// The others are left to the long run: a batch that lost its files waits for its lease.
test.each(troubles.filter(({ name }) => name === 'full' || name === 'sync'))(
  'in trouble: $name',
  async (trouble) => {
    const missing = trouble.missing()
    if (missing !== null) return console.log(`not tried: ${missing}`)
    const { faults, refused, unheard, acknowledged } = await endureTrouble(trouble, 1)
    expect(faults).toEqual([])
    expect(refused + unheard).toBeGreaterThan(0)
    expect(acknowledged).toBeGreaterThan(20)
  },
  240_000,
)

test('every POST that creates is among what is tried', () => {
  const tried = Object.keys(creations).map((way) => way.split(',')[0])
  const posts = Object.keys(routes).filter((each) => each.startsWith('POST '))
  expect(posts.filter((each) => !tried.includes(each) && !others.has(each))).toEqual([])
  expect([...tried, ...others].filter((each) => !posts.includes(each))).toEqual([])
})
