import { expect, test } from 'vitest'
import { drawCurves } from '#trials/peers/curves'

test('a lower loss stands lower, and each curve is named with its last loss', () => {
  const points = (last: number) => [
    { seconds: 0, loss: 4 },
    { seconds: 100, loss: last },
  ]
  const svg = drawCurves([
    { name: 'ours', colour: '#c00', points: points(1.5) },
    { name: 'torch', colour: '#333', points: points(2.5) },
  ])
  const ends = [...svg.matchAll(/points="[^"]*,([\d.]+)"/g)].map(([, y]) => Number(y))
  expect(ends).toHaveLength(2)
  expect(ends[0]).toBeGreaterThan(ends[1])
  expect(svg).toContain('ours 1.5000')
  expect(svg).toContain('torch 2.5000')
})

test('nothing to draw is an error', () => {
  expect(() => drawCurves([{ name: 'none', colour: '#000', points: [] }])).toThrow(RangeError)
})
