const blockLine = /^\s*(?:\$\$|\\\[)\s*$/u
const blockEnd = /^\s*(?:\$\$|\\\])\s*$/u
/** What may begin or end a formula, and code in a line, in which nothing does. */
const marks = /(`+)|\\([()[\]])|\\.|(\$\$?)/gsu
/** An amount of money: a number and then words. */
const price = /^\$\d[\d.,]*(?:[^\S\n]+\p{L}{2}|[,.;:!?)]?\s|[\p{Script=Han}，。；：！？）])/u

/** Takes away a formula whose end is not written yet, so that nobody reads its TeX first. */
export function withoutHalfFormula(text: string): string {
  if (!text.includes('$') && !text.includes('\\')) return text
  // A backslash at the end may become a bracket's.
  if (/(?<!\\)(?:\\\\)*\\$/u.test(text)) return withoutHalfFormula(text.slice(0, -1))
  const block = openBlock(text)
  if (block >= 0) return text.slice(0, block)
  const from = text.lastIndexOf('\n\n') + 1
  const open = openMark(text.slice(from))
  return open < 0 ? text : text.slice(0, from + open).trimEnd()
}

/** Where a block between lines of `$$` begins that has no end yet, or -1. */
function openBlock(text: string): number {
  let start = -1
  let offset = 0
  for (const line of text.split('\n')) {
    if (start < 0 && blockLine.test(line)) start = offset
    else if (start >= 0 && blockEnd.test(line)) start = -1
    offset += line.length + 1
  }
  return start
}

function openMark(paragraph: string): number {
  let open = null as { at: number; mark: string } | null
  let code = ''
  for (const match of paragraph.matchAll(marks)) {
    const [, ticks, bracket, dollars] = match
    if (ticks) code = code === '' ? ticks : code === ticks ? '' : code
    if (code) continue
    if (bracket === '(' || bracket === '[') open ??= { at: match.index, mark: bracket }
    else if (bracket && open?.mark === (bracket === ')' ? '(' : '[')) open = null
    else if (dollars && open?.mark === dollars) open = null
    else if (dollars && !open && begins(paragraph.slice(match.index), dollars))
      open = { at: match.index, mark: dollars }
  }
  return open?.at ?? -1
}

/** Whether a dollar can begin a formula: as the parser sees it, and no price as far as one can tell. */
function begins(rest: string, dollars: string): boolean {
  if (dollars === '$$') return true
  return !/^\$\s/u.test(rest) && !price.test(rest)
}
