import { withoutHalfFormula } from './half-formula.ts'

/** A last line that may still become something else: a list mark, a heading's marks, a rule, a setext underline. */
const undecidedLine =
  /^ {0,3}(?:#{1,6}|[-=*+_ ]+|\d{1,9}[.)]?|`{1,2}|~{1,2}|`{3,}[^`\n]*|~{3,}[^\n]*|>+|\[\^?[^\]\n]{0,80}\]?:?)\s*$/u
const listMarks = /^(?:\s*(?:>|[-*+]|\d{1,9}[.)])\s+)+/u
const openLink = /!?\[([^[\]\n]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s[^()\n]*)?$/u
const fence = /^ {0,3}(`{3,}|~{3,})/u

/**
 * The end of a text that is still being written, so that what is shown is never taken back: an undecided last line
 * waits, a table waits for its second line, a fence for its name, a link shows its words alone, and emphasis that is
 * open is closed.
 */
export function settledTail(text: string): string {
  const open = openFence(text.split('\n'))
  const lines = (open ? text : withoutHalfFormula(text)).split('\n')
  const last = lines.at(-1) ?? ''
  if (open) return isPartOfFence(last, open) ? withoutLast(lines) : text
  if (undecidedLine.test(last) || undecidedLine.test(last.replace(listMarks, ''))) return withoutLast(lines)
  return closeEmphasis(withoutHalfTable(lines).join('\n').replace(openLink, '$1'))
}

function withoutLast(lines: string[]): string {
  const kept = withoutHalfTable(lines.slice(0, -1))
  return kept.join('\n')
}

/** The mark of the code fence that is open at the end, or an empty string. */
function openFence(lines: string[]): string {
  let open = ''
  for (const line of lines.slice(0, -1)) {
    const mark = fence.exec(line)?.[1] ?? ''
    if (!open) open = mark
    else if (mark.startsWith(open) && line.trim() === mark) open = ''
  }
  return open
}

const isPartOfFence = (line: string, open: string): boolean => line.trim() !== '' && open.startsWith(line.trim())

/** Takes away a table's first line while the line of dashes below it is missing or half written. */
function withoutHalfTable(lines: string[]): string[] {
  const end = lines.at(-1) === '' ? lines.length - 1 : lines.length
  let start = end
  while (start > 0 && lines[start - 1].includes('|')) start--
  const table = lines.slice(start, end)
  const first = table[0]?.trim() ?? ''
  if (!first.startsWith('|') || table.length > 2) return lines
  const columns = first.split('|').length
  const dashes = table[1]?.trim() ?? ''
  const whole = /^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$/u.test(dashes) && dashes.split('|').length >= columns
  return whole ? lines : lines.slice(0, start)
}

/** Closes code, bold, italic and struck text that is open in the last paragraph. */
function closeEmphasis(text: string): string {
  const paragraph = text.slice(text.lastIndexOf('\n\n') + 1)
  const open: string[] = []
  for (const match of paragraph.matchAll(/\\.|`+|\*+|~~/gsu)) {
    const mark = match[0]
    if (mark.startsWith('\\')) continue
    const inCode = open.at(-1)?.startsWith('`')
    const beforeSpace = /\s/u.test(paragraph[match.index + mark.length] ?? '')
    if (open.at(-1) === mark) open.pop()
    else if (!inCode && !beforeSpace && mark.length <= 3) open.push(mark)
  }
  const closable = open.filter((mark) => !new RegExp(`${mark.replace(/\*/gu, '\\*')}\\s*$`, 'u').test(paragraph))
  const unstarted = open.length - closable.length
  const body = unstarted > 0 ? text.replace(/(?:`+|\*+|~~)\s*$/u, '') : text
  const space = /\s*$/u.exec(body)?.[0] ?? ''
  return body.slice(0, body.length - space.length) + closable.reverse().join('') + space
}
