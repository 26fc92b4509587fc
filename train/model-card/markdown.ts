/** Pieces of Markdown and YAML in which no text can become markup. */

/** Running text: one line, with the characters that would mean something escaped. */
export const prose = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`)

/** A text between backticks; one that holds backticks itself is prose. */
export const code = (text: string): string =>
  /[`|\n]/.test(text) || text.trim() === '' ? prose(text) : `\`${text.trim()}\``

export const listed = (items: readonly string[]): string => items.map((item) => `- ${prose(item)}`).join('\n')

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A YAML scalar: plain where it is plainly a word, quoted as JSON (which is YAML) otherwise. */
export const yamlText = (text: string): string =>
  /^[a-z][\w.-]*$/i.test(text) && !/^(y|n|yes|no|true|false|on|off|null)$/i.test(text) ? text : JSON.stringify(text)
