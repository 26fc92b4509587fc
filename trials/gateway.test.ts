/** The bench of the gateway in small: no time is judged, but every request must be answered and stand in the ledger. */
import { expect, it } from 'vitest'
import { Figures } from '#trials/figures'
import { bench } from './bench-gateway.ts'

it('asks through the server and straight, and finds every answer in the ledger', async () => {
  const lines: string[] = []
  const figures = new Figures('test', { log: false, check: false, print: (line) => lines.push(line) })
  await bench({ seconds: 1, rounds: 1, rate: 20, modes: ['whole', 'stream'], peers: false, workers: 1 }, figures)
  const value = (name: string) => Number(lines.join('\n').match(new RegExp(`figure ${name} = (\\S+)`))?.[1])
  expect([value('gateway.whole.failed'), value('gateway.stream.failed')]).toEqual([0, 0])
  expect([value('gateway.unsettled'), value('gateway.miscounted')]).toEqual([0, 0])
  expect(lines.join('\n')).toMatch(/the ledger: [1-9]\d* requests/)
  expect(value('gateway.whole.added_p50')).not.toBeNaN()
}, 120_000)
