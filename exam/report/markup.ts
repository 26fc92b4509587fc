/** HTML and SVG in which every text is escaped unless it is markup already. */

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type Part = Markup | string | number | null | readonly Part[]

/** A template of markup: strings and numbers put into it are escaped, lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(strings.reduce((text, literal, i) => text + written(parts[i - 1] ?? null) + literal))
}

function written(part: Part): string {
  if (part === null) return ''
  if (part instanceof Markup) return part.text
  if (typeof part === 'number') return String(part)
  return typeof part === 'string' ? escaped(part) : part.map(written).join('')
}

const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Characters that HTML forbids even as references are shown as U+FFFD. */
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => names[character]).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '\ufffd')
