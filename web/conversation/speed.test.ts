import { expect, test } from 'vitest'
import { lastSpeed, tokensPerSecond } from './speed.ts'
import { add, change, type Details, emptyTree, root, shownPath } from './tree.ts'

const details: Details = {
  model: 'm',
  promptTokens: 9,
  completionTokens: 101,
  firstTokenMs: 100,
  totalMs: 1100,
  finishReason: 'stop',
  dropped: 0,
}

test('the speed leaves out the wait for the first token', () => {
  expect(tokensPerSecond(details)).toBe(100)
})

test('an answer that came at once is not called faster than it was', () => {
  expect(tokensPerSecond({ ...details, completionTokens: 4, firstTokenMs: 39, totalMs: 40 })).toBe(100)
})

test.each([{ completionTokens: null }, { completionTokens: 1 }, { firstTokenMs: null }, { totalMs: 0 }])(
  'with %j there is no speed to tell',
  (fields) => {
    expect(tokensPerSecond({ ...details, ...fields })).toBeNull()
  },
)

test('the last answer that tells its speed is taken', () => {
  const asked = add(emptyTree, root, 'user', 'q', 'done')
  const answered = change(add(asked, 'm1', 'assistant', 'a', 'done'), 'm2', { details })
  const stopped = change(add(answered, 'm2', 'assistant', 'b', 'stopped'), 'm3', {
    details: { ...details, completionTokens: null },
  })
  expect(lastSpeed(shownPath(stopped))).toBe(100)
  expect(lastSpeed(shownPath(asked))).toBeNull()
})
