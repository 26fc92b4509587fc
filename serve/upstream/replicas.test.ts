import { describe, expect, it } from 'vitest'
import { Replicas } from './replicas.ts'

function setUp(count = 3, limits = { outstanding: 4, failures: 2, coolMs: 1000 }) {
  const clock = { now: 0 }
  const urls = Array.from({ length: count }, (_, at) => `http://${at}`)
  return { clock, replicas: new Replicas(urls, limits, () => clock.now) }
}

describe('choosing a server', () => {
  it('takes the one with the fewest requests in flight, and equals in turn', () => {
    const { replicas } = setUp()
    const first = [1, 2, 3].map(() => replicas.take()?.url)
    expect(new Set(first).size).toBe(3)
    const [, b] = replicas.all
    replicas.release(b, true)
    expect(replicas.take()).toBe(b)
    expect(replicas.all.map(({ outstanding }) => outstanding)).toEqual([1, 1, 1])
  })

  it('takes none beyond what each may work on', () => {
    const { replicas } = setUp(2)
    for (let i = 0; i < 8; i++) expect(replicas.take()).not.toBeNull()
    expect(replicas.take()).toBeNull()
    expect(replicas.outstanding).toBe(8)
  })

  it('takes none that was tried, or that a check found ill', () => {
    const { replicas } = setUp(2)
    const [a, b] = replicas.all
    expect(replicas.take(new Set([a]))).toBe(b)
    replicas.checked(a, false)
    expect(replicas.take(new Set([b]))).toBeNull()
    expect(replicas.available).toBe(1)
    replicas.checked(a, true)
    expect(replicas.take(new Set([b]))).toBe(a)
  })
})

describe('a server that fails', () => {
  it('is left alone after failures in a row, then tried once, for twice as long when it fails again', () => {
    const { replicas, clock } = setUp(1)
    const fail = () => replicas.release(replicas.take() ?? expect.unreachable(), false)
    fail()
    const [only] = replicas.all
    replicas.release(replicas.take() ?? expect.unreachable(), true)
    expect(only.failures).toBe(0)
    fail()
    fail()
    expect(replicas.take()).toBeNull()
    expect([replicas.available, replicas.retryAfterSeconds]).toEqual([0, 1])
    clock.now = 1000
    const trial = replicas.take()
    expect(trial).toBe(only)
    expect(replicas.take()).toBeNull()
    replicas.release(only, false)
    clock.now = 2999
    expect(replicas.take()).toBeNull()
    clock.now = 3000
    expect(replicas.take()).toBe(only)
    replicas.release(only, true)
    expect(replicas.take()).toBe(only)
    expect(replicas.take()).toBe(only)
  })

  it('is never left alone for longer than a minute', () => {
    const { replicas, clock } = setUp(1)
    for (let i = 0; i < 40; i++) {
      replicas.release(replicas.take() ?? expect.unreachable(), false)
      clock.now += 60_000
    }
    expect(replicas.take()).not.toBeNull()
  })

  it('is used again at once when a check finds it well again, and not when its checks were well all along', () => {
    const { replicas } = setUp(1)
    const [only] = replicas.all
    replicas.checked(only, true)
    for (let i = 0; i < 2; i++) replicas.release(replicas.take() ?? expect.unreachable(), false)
    replicas.checked(only, true)
    expect(replicas.take()).toBeNull()
    replicas.checked(only, false)
    replicas.checked(only, true)
    expect(replicas.take()).not.toBeNull()
  })
})
