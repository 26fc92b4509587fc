import { expect, test } from 'vitest'
import type { Health as ServerHealth } from '#wire/health'
import { readHealth } from './health.ts'

const whole: ServerHealth = {
  status: 'failed',
  model: 'm',
  uptime_seconds: 1,
  active: 0,
  waiting: 0,
  keeps: true,
  problem: 'no file',
}

test('the server is what it says it is', () => {
  expect(readHealth(whole)).toEqual({ state: 'failed', model: 'm', problem: 'no file', keeps: true })
  expect(readHealth({ ...whole, status: 'loading', model: null, problem: null })).toEqual({
    state: 'loading',
    model: '',
    problem: '',
    keeps: true,
  })
})

test.each([undefined, null, 'ok', {}, { status: 'fine' }, { status: 'toString' }, []])(
  'what is no answer of Dotline is offline: %j',
  (body) => {
    expect(readHealth(body).state).toBe('offline')
  },
)
