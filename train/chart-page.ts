/** A page of charts and tables in the look of the runs' reports, for figures that come of more than one run. */
import { writeDurably } from '#data/durable'
import { type ChartOptions, chart } from './report/chart.ts'
import { html, Markup, type Part } from './report/markup.ts'
import { style } from './report/style.ts'
import { columns } from './report/tables.ts'

export interface PageSection {
  heading: { en: string; zh: string }
  paragraphs?: readonly string[]
  charts?: readonly Omit<ChartOptions, 'tokensPerStep' | 'width' | 'height'>[]
  table?: { head: readonly string[]; rows: readonly (readonly string[])[] }
}

export interface ChartPage {
  title: string
  summary: string
  sections: readonly PageSection[]
}

const size = { width: 810, height: 300 }

/** The page as one HTML document that asks for nothing else: no script, no font, no picture. */
export function renderChartPage({ title, summary, sections }: ChartPage, written: Date): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · Dotline</title><style>${new Markup(style)}</style></head>
<body><main><header><h1>${title}</h1><p>${summary}</p></header>
<div class="line">${sections.map(section)}</div>
<footer>Written by Dotline on ${written.toISOString().slice(0, 16).replace('T', ' ')} UTC.</footer>
</main></body></html>
`
  return page.text
}

export function writeChartPage(path: string, page: ChartPage, written = new Date()): void {
  writeDurably(path, renderChartPage(page, written))
}

function section({ heading, paragraphs = [], charts = [], table }: PageSection): Markup {
  const drawn: Part = charts.map(
    (options) =>
      html`<figure><h3>${options.title}</h3>${chart({ ...options, ...size, tokensPerStep: null })}<ul class="key">${options.lines
        .filter(({ faint }) => !faint)
        .map(
          ({ name, colour, dashed }) => html`<li class="c${colour}${dashed ? ' dashed' : ''}">${name}</li>`,
        )}</ul></figure>`,
  )
  return html`<section class="done"><h2>${heading.en}<span lang="zh">${heading.zh}</span></h2>${paragraphs.map(
    (text) => html`<p>${text}</p>`,
  )}${drawn}${table ? columns(table.head, table.rows, { numbers: 1 }) : null}</section>
`
}
