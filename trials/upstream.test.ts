import { expect, test } from 'vitest'
import { bench } from './bench-upstream.ts'
import { Figures } from './figures.ts'

test('what is added before an upstream is measured, and nothing fails', async () => {
  const lines: string[] = []
  const figures = new Figures('test', { log: false, check: false, print: (line) => lines.push(line) })
  await bench({ seconds: 1, rounds: 1, most: 10, peers: [] }, figures)
  const value = (name: string) => Number(lines.join('\n').match(new RegExp(`figure ${name} = (-?[\\d.]+)`))?.[1])
  expect(value('upstream.ours.failed')).toBe(0)
  expect(value('upstream.ours.added_p50')).not.toBeNaN()
}, 60_000)
