import { expect, it } from 'vitest'
import { ApiError } from '#wire/errors'
import { Queue } from './queue.ts'

it('counts what is decoded and what waits', () => {
  const queue = new Queue(2, 3)
  queue.enter(1, 3)
  expect([queue.active, queue.waiting]).toEqual([2, 1])
  queue.ended(1)
  queue.ended(1)
  expect([queue.active, queue.waiting, queue.holds(1)]).toEqual([1, 0, true])
  queue.ended(1)
  expect([queue.active, queue.holds(1)]).toEqual([0, false])
  queue.ended(1)
  expect(queue.active).toBe(0)
})

it('refuses more than may wait, and says when to come back', () => {
  const queue = new Queue(2, 3)
  queue.enter(1, 4)
  const refused = (() => {
    try {
      queue.enter(2, 2)
    } catch (error) {
      return error
    }
  })()
  expect(refused).toBeInstanceOf(ApiError)
  expect(refused).toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: 4 })
  queue.enter(3, 1)
  queue.leave(1)
  queue.leave(1)
  expect([queue.active, queue.waiting]).toEqual([1, 0])
  queue.enter(4, 4)
})
