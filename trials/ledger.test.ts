import { afterEach, expect, test, vi } from 'vitest'
import { main } from './ledger.ts'

afterEach(() => vi.restoreAllMocks())

// A client that tears its connection both ways cannot say what reached it: such a cut is drawn again.
test('what was settled is what was delivered, whoever left, failed or was killed', {
  retry: 2,
  timeout: 120_000,
}, async () => {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => void said.push(String(line)))
  await main(['--requests', '30', '--kills', '1'])
  expect(said.filter((line) => line.startsWith('goal missed'))).toEqual([])
  expect(said.join('\n')).toMatch(/ledger\.different = 0 requests/)
})
