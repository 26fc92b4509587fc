import { html, type Markup } from './markup.ts'

/** A table with a heading; columns from `numbers` on are flush right. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers, sum }: { numbers: number; sum?: readonly string[] },
): Markup {
  const cell = (tag: 'td' | 'th') => (text: string, i: number) =>
    tag === 'td'
      ? html`<td class="${i >= numbers ? 'n' : i === 0 ? 'from' : ''}">${text}</td>`
      : html`<th class="${i >= numbers ? 'n' : ''}">${text}</th>`
  return html`<div class="wide"><table><tr>${head.map(cell('th'))}</tr>${rows.map(
    (row) => html`<tr>${row.map(cell('td'))}</tr>`,
  )}${sum ? html`<tr class="sum">${sum.map(cell('td'))}</tr>` : null}</table></div>`
}

/** Names with their values. */
export function pairs(rows: readonly (readonly [string, string])[]): Markup {
  return html`<table class="pairs">${rows.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</table>`
}
