import { expect, test } from 'vitest'
import { sendsMessage } from './keys.ts'

const enter = { key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13 }

test('Enter sends, but never for an input method and not with Shift', () => {
  expect(sendsMessage(enter)).toBe(true)
  expect(sendsMessage({ ...enter, shiftKey: true })).toBe(false)
  expect(sendsMessage({ ...enter, isComposing: true })).toBe(false)
  expect(sendsMessage({ ...enter, keyCode: 229 })).toBe(false)
  expect(sendsMessage({ ...enter, key: 'a' })).toBe(false)
})
