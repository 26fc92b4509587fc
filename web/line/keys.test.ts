import { expect, test } from 'vitest'
import { moveOf } from './keys.ts'

test.each([
  ['ArrowUp', 0, { to: 0, turn: 0 }],
  ['ArrowUp', 3, { to: 2, turn: 0 }],
  ['ArrowDown', 4, { to: 4, turn: 0 }],
  ['Home', 3, { to: 0, turn: 0 }],
  ['End', 1, { to: 4, turn: 0 }],
  ['ArrowLeft', 2, { to: null, turn: -1 }],
  ['ArrowRight', 2, { to: null, turn: 1 }],
  ['constructor', 2, null],
])('%s on dot %i of five', (key, index, move) => {
  expect(moveOf(key, index, 5)).toEqual(move)
})
