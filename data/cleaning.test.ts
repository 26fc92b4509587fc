import { expect, test } from 'vitest'
import { cleanDocument, cleanText } from './cleaning.ts'

test('text comes out in NFC with line feeds, without control characters, and otherwise unchanged', () => {
  expect(cleanText('cafe\u0301\r\nA\rB\u2028C\u0085D')).toBe('café\nA\nB\nC\nD')
  expect(cleanText('\ufeffa\u0000b\u0007c\u007f\u009fd\uffff')).toBe('abcd')
  expect(cleanText('\ud800x\udc00')).toBe('\ufffdx\ufffd')
  const kept = '\tif (a) {\n\n\t\treturn  "点线"\n}\n👩‍👩‍👧 \u3000全角'
  expect(cleanText(kept)).toBe(kept)
})

test('cleaning twice changes nothing more', () => {
  const once = cleanText('\u1e9b\u0323\r\n\r\r\u0000\u0344ＡＢ')
  expect(cleanText(once)).toBe(once)
})

test('documents with nothing to learn from are dropped', () => {
  const from = { source: 's', licence: 'MIT', origin: 'o' }
  expect(cleanDocument({ ...from, text: ' \u0000\r\n' })).toBeUndefined()
  expect(cleanDocument({ ...from, messages: [{ role: 'user', content: 'hi' }] })).toBeUndefined()
  expect(cleanDocument({ ...from, messages: [{ role: 'assistant', content: '\u0000' }] })).toBeUndefined()
  const messages = [
    { role: 'user' as const, content: 'a\u0000' },
    { role: 'assistant' as const, content: 'b\r\n', weight: 0 as const },
  ]
  expect(cleanDocument({ ...from, messages })?.messages).toEqual([
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b\n', weight: 0 },
  ])
})
