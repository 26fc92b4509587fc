import { decimate, finite, logTicks, type Point, ticks } from './curve.ts'
import { html, type Markup } from './markup.ts'
import { compact, short, whole } from './numbers.ts'

export interface Line {
  name: string
  points: readonly Point[]
  /** Number of its colour, 0 to 7. */
  colour: number
  /** A line behind another, such as unsmoothed values. */
  faint?: boolean
  dots?: boolean
  dashed?: boolean
}

export interface ChartOptions {
  title: string
  lines: readonly Line[]
  /** Tokens of a step: the second labelling of the horizontal axis; null where it counts no steps. */
  tokensPerStep: number | null
  /** What the horizontal axis counts; steps by default. */
  across?: string
  width: number
  height: number
  logarithmic?: boolean
  /** Includes 0 on the vertical axis. */
  fromZero?: boolean
  format?: (value: number) => string
}

const margin = { left: 52, right: 14, top: 10, bottom: 38 }
const mostStrips = 100

interface Frame {
  options: ChartOptions
  lines: Line[]
  x: (value: number) => number
  y: (value: number) => number
  xs: [number, number]
  ys: [number, number]
}

/** A chart as SVG: curves over steps and tokens; hovering shows the values of a step. */
export function chart(options: ChartOptions): Markup {
  const { title, width, height, logarithmic = false } = options
  const lines = options.lines
    .map((line) => ({ ...line, points: finite(line.points).filter(({ y }) => !logarithmic || y > 0) }))
    .filter(({ points }) => points.length > 0)
  if (lines.length === 0) return html`<p class="none">No figures yet · 尚无数据</p>`
  const frame = frameOf(options, lines)
  return html`<svg class="chart${width > 500 ? ' big' : ''}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
${axes(frame)}${lines.map((line) => curve(frame, line))}${strips(frame)}</svg>`
}

function frameOf(options: ChartOptions, lines: Line[]): Frame {
  const { width, height, logarithmic = false } = options
  const all = lines.flatMap(({ points }) => points)
  const xs = extent(all.map(({ x }) => x))
  const ys = extent(all.map(({ y }) => y))
  if (options.fromZero) ys[0] = Math.min(0, ys[0])
  const scale = logarithmic ? Math.log10 : (value: number) => value
  const [low, high] = ys.map(scale)
  const room = (high - low || Math.abs(high) || 1) * 0.04
  const bottom = options.fromZero ? low : low - room
  const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom }
  const back = logarithmic ? (value: number) => 10 ** value : (value: number) => value
  return {
    options,
    lines,
    xs,
    ys: [back(bottom), back(high + room)],
    x: (value) => margin.left + ((value - xs[0]) / (xs[1] - xs[0] || 1)) * inner.width,
    y: (value) => margin.top + (1 - (scale(value) - bottom) / (high + room - bottom)) * inner.height,
  }
}

function extent(values: readonly number[]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return [low, high]
}

function axes({ options, x, y, xs, ys }: Frame): Markup {
  const { width, height, logarithmic, tokensPerStep, across = 'step 步', format = short } = options
  const rows = logarithmic ? logTicks(...ys) : ticks(ys[0], ys[1], height > 200 ? 5 : 4)
  const places = ticks(xs[0], xs[1], width > 500 ? 8 : 4)
  const columns = tokensPerStep === null ? places : places.filter(Number.isInteger)
  const label = tokensPerStep === null ? short : whole
  const bottom = height - margin.bottom
  const anchor = (value: number) => (x(value) > width - 40 ? 'end' : x(value) < margin.left + 12 ? 'start' : 'middle')
  return html`<g class="axis">${rows.map(
    (value) => html`<line x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(value))}" y2="${at(y(value))}"/>
<text x="${margin.left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${format(value)}</text>`,
  )}${columns.map(
    (value) =>
      html`<text x="${at(x(value))}" y="${bottom + 16}" text-anchor="${anchor(value)}">${label(value)}</text>${
        tokensPerStep === null
          ? null
          : html`
<text class="second" x="${at(x(value))}" y="${bottom + 30}" text-anchor="${anchor(value)}">${compact(value * tokensPerStep)}</text>`
      }`,
  )}${
    tokensPerStep === null
      ? html`<text class="second" x="${width - margin.right}" y="${bottom + 30}" text-anchor="end">${across}</text>`
      : html`<text class="second" x="0" y="${bottom + 16}">step 步</text><text class="second" x="0" y="${bottom + 30}">tokens</text>`
  }</g>`
}

function curve({ x, y }: Frame, { points, colour, faint, dots, dashed }: Line): Markup {
  const drawn = decimate(points)
  const path = drawn.map((point, i) => `${i === 0 ? 'M' : 'L'}${at(x(point.x))} ${at(y(point.y))}`).join('')
  const marks = dots || drawn.length === 1 ? drawn : []
  return html`<path class="${faint ? 'faint' : 'curve'}${dashed ? ' dashed' : ''} c${colour}" d="${path}"/>${marks.map(
    (point) => html`<circle class="c${colour}" cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="2.4"/>`,
  )}`
}

/** Upright strips that show, under the pointer, a guide and the values there. */
function strips({ options, lines, x, y }: Frame): Markup[] {
  const { height, width, title, tokensPerStep, across = '', format = short } = options
  const longest = lines.reduce((a, b) => (b.points.length >= a.points.length ? b : a)).points
  const every = Math.max(1, Math.ceil(longest.length / mostStrips))
  const places = longest.filter((_, i) => i % every === 0 || i === longest.length - 1)
  const where = (value: number) =>
    tokensPerStep === null
      ? `${across} ${short(value)}`
      : `step ${whole(value)} · ${compact(value * tokensPerStep)} tokens`
  return places.map((place, i) => {
    const from = i === 0 ? margin.left : (x(places[i - 1].x) + x(place.x)) / 2
    const to = i === places.length - 1 ? width - margin.right : (x(place.x) + x(places[i + 1].x)) / 2
    const shown = lines.filter(({ faint }) => !faint).map((line) => ({ line, point: valueAt(line.points, place.x) }))
    const values = shown.map(({ line, point }) => `${lines.length > 1 ? line.name : title}: ${format(point.y)}`)
    return html`<g class="strip"><title>${`${where(place.x)}\n${values.join('\n')}`}</title>
<rect x="${at(from)}" y="0" width="${at(Math.max(1, to - from))}" height="${height}"/>
<line x1="${at(x(place.x))}" x2="${at(x(place.x))}" y1="${margin.top}" y2="${height - margin.bottom}"/>${shown.map(
      ({ line, point }) =>
        html`<circle class="c${line.colour}" cx="${at(x(place.x))}" cy="${at(y(point.y))}" r="3.5"/>`,
    )}</g>`
  })
}

/** The last point that is not to the right. Points are in order. */
function valueAt(points: readonly Point[], x: number): Point {
  let low = 0
  let high = points.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (points[middle].x <= x) low = middle
    else high = middle - 1
  }
  return points[low]
}

const at = (value: number): number => Math.round(value * 10) / 10
