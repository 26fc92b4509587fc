import type { Nodes, Parents, Root } from 'mdast'
import { mathFromMarkdown } from 'mdast-util-math'
import { mathMarks, mathMarksInText } from './math-marks.ts'

export const formulaSyntax = { marks: mathMarks, marksInText: mathMarksInText, tree: mathFromMarkdown() }

const fence = /^ {0,3}(`{3,}|~{3,})/u

/** Lines that hold `\[` or `\]` alone become lines of `$$`, outside of code; no character moves. */
export function levelled(text: string): string {
  if (!/^[^\S\n]*\\[[\]][^\S\n]*$/mu.test(text)) return text
  let open = ''
  const lines = text.split('\n').map((line) => {
    const mark = fence.exec(line)?.[1] ?? ''
    if (mark && !open) open = mark
    else if (mark.startsWith(open) && open && line.trim() === mark) open = ''
    return open ? line : line.replace(/^(\s*)\\[[\]](\s*)$/u, '$1$$$$$2')
  })
  return lines.join('\n')
}

/** True where a block of `$$` runs to the end of the text without its closing line: it was no block. */
export function hasUnclosedBlock(root: Root, text: string): boolean {
  const last = root.children.at(-1)
  if (last?.type !== 'math') return false
  const lines = text
    .slice(last.position?.start.offset ?? 0, last.position?.end.offset ?? 0)
    .trimEnd()
    .split('\n')
  return lines.length < 2 || !/^\s*\$\$+$/u.test(lines.at(-1) ?? '')
}

/** Gives each formula its whole text, and notes on those inside a line whether they want a line of their own. */
export function finishFormulas(node: Nodes, text: string): void {
  if (node.type === 'math' && node.meta) {
    node.value = `${node.meta}\n${node.value}`
    node.meta = null
  }
  if (node.type === 'inlineMath') {
    const mark = text.slice(node.position?.start.offset ?? 0).slice(0, 2)
    node.data = { ...node.data, ...{ wide: mark === '$$' || mark === '\\[' } }
  }
  if ('children' in node) for (const child of (node as Parents).children) finishFormulas(child, text)
}
