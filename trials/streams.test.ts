import { expect, test } from 'vitest'
import { bench } from './bench-streams.ts'
import { Figures } from './figures.ts'

test('streams of the scripted engine and of the bare server are read to their ends and counted', async () => {
  const lines: string[] = []
  const figures = new Figures('test', { log: false, check: false, print: (line) => lines.push(line) })
  await bench({ streams: 4, rate: 40, seconds: 1, rounds: 1 }, figures)
  const value = (name: string) => Number(lines.join('\n').match(new RegExp(`figure ${name} = ([\\d.]+)`))?.[1])
  expect(value('streams.failed')).toBe(0)
  // At most the pace; how much less is the machine's affair.
  for (const name of ['ours', 'bare']) {
    expect(value(`streams.${name}.speed`)).toBeGreaterThan(20)
    expect(value(`streams.${name}.speed`)).toBeLessThan(4 * 40 * 1.3)
    expect(value(`streams.${name}.gap_p50`)).toBeGreaterThan(10)
  }
}, 60_000)
