import type { Figure } from '../figures.ts'
import { html, type Markup } from './markup.ts'
import { interval, shown } from './words.ts'

export interface Row {
  label: string
  /** One for each examinee that has it. */
  figures: readonly { figure: Figure; colour: number }[]
}

const width = 800
const left = 270
const right = 60
const rowHeight = 30

/** Figures as dots with their intervals, a row each; an upright stroke is what chance reaches. */
export function intervalChart(title: string, rows: readonly Row[]): Markup | null {
  const all = rows
    .flatMap(({ figures }) => figures.map(({ figure }) => figure))
    .filter(({ value }) => Number.isFinite(value))
  if (all.length === 0) return null
  const [low, high] = extent(all)
  const x = (value: number) =>
    left + ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * (width - left - right)
  const height = rows.length * rowHeight + 34
  const { unit } = all[0]
  const ticks = Array.from({ length: 6 }, (_, i) => low + ((high - low) * i) / 5)
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><g class="axis">${ticks.map(
    (tick) => html`<line x1="${at(x(tick))}" x2="${at(x(tick))}" y1="4" y2="${height - 28}"/>
<text x="${at(x(tick))}" y="${height - 10}" text-anchor="middle">${unit === 'share' ? `${Math.round(tick * 100)} %` : tick.toFixed(2)}</text>`,
  )}</g>${rows.map((row, i) => drawn(row, i * rowHeight + 18, x))}</svg>`
}

function drawn({ label, figures }: Row, y: number, x: (value: number) => number): Markup {
  const chance = figures.find(({ figure }) => figure.chance !== null)?.figure.chance
  return html`<text x="${left - 14}" y="${y + 4}" text-anchor="end">${short(label)}</text>${
    chance === undefined || chance === null
      ? null
      : html`<line class="chance" x1="${at(x(chance))}" x2="${at(x(chance))}" y1="${y - 11}" y2="${y + 11}"/>`
  }${figures
    .filter(({ figure }) => Number.isFinite(figure.value))
    .map(({ figure, colour }, i) => {
      const place = y + (figures.length > 1 ? (i === 0 ? -5 : 5) : 0)
      return html`<g class="c${colour}"><title>${`${label}: ${shown(figure.value, figure.unit)} (95 %: ${interval(figure)}), n = ${figure.n}`}</title>
<line class="span" x1="${at(x(figure.low))}" x2="${at(x(figure.high))}" y1="${place}" y2="${place}"/>${(
        figure.seeds ?? []
      ).map(
        (seed) => html`<circle class="seed" cx="${at(x(seed))}" cy="${place}" r="3"/>`,
      )}<circle class="dot" cx="${at(x(figure.value))}" cy="${place}" r="4.5"/></g>`
    })}`
}

/** Shares are drawn from 0 to 1; other figures as far as they and chance reach. */
function extent(figures: readonly Figure[]): [number, number] {
  if (figures.every(({ unit }) => unit === 'share')) return [0, 1]
  const values = figures
    .flatMap(({ value, low, high, chance }) => [value, low, high, chance ?? value])
    .filter(Number.isFinite)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const room = (most - least || Math.abs(most) || 1) * 0.06
  return [least - room, most + room]
}

const at = (value: number): number => Math.round(value * 10) / 10
const short = (label: string): string => (label.length > 38 ? `${label.slice(0, 37)}…` : label)
