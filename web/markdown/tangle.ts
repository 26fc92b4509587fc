import type { PhrasingContent, Root } from 'mdast'

/**
 * What one stretch of text without a blank line may hold before it is no longer read as Markdown. The parser's time
 * grows with the square of these; no honest answer comes near them, but a model that repeats itself can.
 */
const most = { lines: 600, emphasis: 800, brackets: 400, quotes: 60, formulas: 300 }

/** True where the text would take the parser too long. Takes time in proportion to the text's length. */
export function isTangled(text: string): boolean {
  return text.split(/\n[^\S\n]*\n/u).some((stretch) => {
    const count = { lines: 1, emphasis: 0, brackets: 0, quotes: 0, formulas: stretch.split(/\\[([]/u).length - 1 }
    for (const character of stretch) {
      if (character === '\n') count.lines++
      else if (character === '*' || character === '_' || character === '~') count.emphasis++
      else if (character === '[') count.brackets++
      else if (character === '>') count.quotes++
    }
    return (Object.keys(most) as (keyof typeof most)[]).some((kind) => count[kind] > most[kind])
  })
}

/** The text as it stands, its line ends kept. */
export function plainRoot(text: string): Root {
  const children = text.split('\n').flatMap((line, index): PhrasingContent[] => {
    const words: PhrasingContent = { type: 'text', value: line }
    return index === 0 ? [words] : [{ type: 'break' }, words]
  })
  return { type: 'root', children: [{ type: 'paragraph', children }] }
}
