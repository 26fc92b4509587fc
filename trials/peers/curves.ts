/** Loss over seconds of training, as a picture. */

export interface Curve {
  name: string
  colour: string
  points: readonly { seconds: number; loss: number }[]
}

const width = 720
const height = 360
const margin = { left: 56, right: 16, top: 20, bottom: 40 }

/** An SVG of the curves, each labelled with its last loss. Throws a RangeError where no curve has a point. */
export function drawCurves(curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points)
  if (all.length === 0) throw new RangeError('drawCurves: there is no point to draw')
  const longest = Math.max(...all.map((p) => p.seconds), 1)
  const low = Math.floor(Math.min(...all.map((p) => p.loss)) * 5) / 5
  const high = Math.max(low + 0.2, Math.ceil(Math.max(...all.map((p) => p.loss)) * 5) / 5)
  const x = (seconds: number) => round(margin.left + (seconds / longest) * (width - margin.left - margin.right))
  const y = (loss: number) => round(margin.top + ((high - loss) / (high - low)) * (height - margin.top - margin.bottom))
  const rules = ticks(low, high).map(
    (loss) =>
      `<path d="M${margin.left} ${y(loss)}H${width - margin.right}" stroke="#ddd"/><text x="8" y="${y(loss) + 4}">${loss.toFixed(2)}</text>`,
  )
  const seconds = ticks(0, longest).map((s) => `<text x="${x(s) - 8}" y="${height - 16}">${Math.round(s)} s</text>`)
  const lines = curves.map(({ name, colour, points }, i) => {
    const path = points.map((p) => `${x(p.seconds)},${y(p.loss)}`).join(' ')
    const last = points.at(-1)?.loss.toFixed(4) ?? ''
    const label = `<text x="${width - 220}" y="${margin.top + 16 + 18 * i}" fill="${colour}">${name} ${last}</text>`
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`
  })
  const parts = [...rules, ...seconds, ...lines].join('\n')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#fff"/>
${parts}
</svg>
`
}

const round = (value: number): number => Math.round(value * 10) / 10

/** Five values from one to the other. */
const ticks = (from: number, to: number): number[] => Array.from({ length: 5 }, (_, i) => from + ((to - from) * i) / 4)
