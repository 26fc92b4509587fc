import { common, createLowlight } from 'lowlight'

export type Ink = 'plain' | 'word' | 'name' | 'string' | 'comment' | 'number' | 'added' | 'removed'

export interface Stroke {
  ink: Ink
  text: string
}

/** highlight.js tells some forty kinds apart; more than seven inks would be a fair, not a text. */
const inks: Readonly<Record<string, Ink>> = {
  keyword: 'word',
  literal: 'word',
  built_in: 'word',
  type: 'word',
  tag: 'word',
  'selector-tag': 'word',
  section: 'word',
  title: 'name',
  attr: 'name',
  attribute: 'name',
  name: 'name',
  property: 'name',
  params: 'plain',
  string: 'string',
  regexp: 'string',
  symbol: 'string',
  link: 'string',
  comment: 'comment',
  doctag: 'comment',
  quote: 'comment',
  meta: 'comment',
  number: 'number',
  addition: 'added',
  deletion: 'removed',
}

const lowlight = createLowlight(common)

type Nodes = ReturnType<typeof lowlight.highlight>['children'][number]

/** Divides code into strokes of ink by highlight.js's grammars; one plain stroke where the language is none of them. */
export function highlight(code: string, language: string): Stroke[] {
  const name = language.toLowerCase()
  if (!lowlight.registered(name)) return [{ ink: 'plain', text: code }]
  const strokes: Stroke[] = []
  for (const node of lowlight.highlight(name, code).children) collect(node, 'plain', strokes)
  return strokes
}

function collect(node: Nodes, ink: Ink, strokes: Stroke[]): void {
  if (node.type === 'text') {
    const last = strokes.at(-1)
    if (last?.ink === ink) last.text += node.value
    else strokes.push({ ink, text: node.value })
  } else if (node.type === 'element') {
    const own = inkOf(node.properties.className, ink)
    for (const child of node.children) collect(child, own, strokes)
  }
}

/** `hljs-title function_` and its like; what is not named keeps the ink of what it stands in. */
function inkOf(classes: unknown, around: Ink): Ink {
  const first = Array.isArray(classes) ? String(classes[0]).replace('hljs-', '') : ''
  return inks[first] ?? around
}
