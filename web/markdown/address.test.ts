import { expect, test } from 'vitest'
import { safeAddress } from './address.ts'

test.each([
  ['https://example.com/a?b#c', 'example.com'],
  ['HTTP://Example.COM:8080/', 'example.com:8080'],
  ['mailto:desk@example.com', 'desk@example.com'],
  ['https://еxample.com/', 'xn--xample-2of.com'],
])('%s leads to %s', (url, place) => {
  expect(safeAddress(url)?.place).toBe(place)
})

test.each([
  'javascript:alert(1)',
  ' JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'blob:https://example.com/1',
  'file:///etc/passwd',
  '/v1/models',
  '//example.com',
  '',
  'https://bank.example@evil.example/',
])('%j is no link', (url) => {
  expect(safeAddress(url)).toBeNull()
})
