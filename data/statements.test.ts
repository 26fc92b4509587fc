import { expect, test } from 'vitest'
import { heldOutSum } from './conversations/arithmetic.ts'
import { conversations } from './conversations.ts'
import { statements } from './statements.ts'

const some = (count: number, seed = 1) => [...statements({ seed, count })]

test('the same options give the same documents, another seed gives others', () => {
  expect(some(200)).toEqual(some(200))
  expect(some(200).map((one) => one.text)).not.toEqual(some(200, 2).map((one) => one.text))
})

test('documents are short plain text, nearly all different, in their language', () => {
  const all = some(4000)
  for (const { text, language } of all) {
    expect(text.length).toBeGreaterThan(10)
    expect(text.length).toBeLessThan(2000)
    expect(text).not.toMatch(/\$[a-zA-Z]|undefined|NaN|\[object/)
    if (language === 'zh' && /\p{L}/u.test(text)) expect(text).toMatch(/\p{Script=Han}/u)
  }
  expect(new Set(all.map((one) => one.text)).size / all.length).toBeGreaterThan(0.9)
})

test('equations are true and none is held out', () => {
  let seen = 0
  for (const { text, topic } of some(4000)) {
    if (topic !== 'sums') continue
    for (const [, a, operation, b, value] of text.matchAll(/(\d+) ([+×-]) (\d+) = (\d+)/g)) {
      const [x, y] = [Number(a), Number(b)]
      expect(operation === '+' ? x + y : operation === '-' ? x - y : x * y).toBe(Number(value))
      expect(heldOutSum(x, y, operation as '+' | '-' | '×')).toBe(false)
      seen++
    }
  }
  expect(seen).toBeGreaterThan(500)
})

test('no message of the held-out conversations stands in the documents', () => {
  const text = some(6000, 3)
    .map((one) => one.text)
    .join('\n')
  const lines = new Set(text.split('\n').map((line) => line.replace(/^(Question: |问：)/, '')))
  for (const one of conversations({ seed: 5, count: 2000, split: 'heldout' }))
    for (const message of one.messages)
      if (message.role === 'user') expect(lines.has(message.content), message.content).toBe(false)
})
