import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { finishFormulas, formulaSyntax, hasUnclosedBlock, levelled } from './formulas.ts'
import { isTangled, plainRoot } from './tangle.ts'

const tree = { mdastExtensions: [gfmFromMarkdown(), formulaSyntax.tree] }
const options = { ...tree, extensions: [gfm(), formulaSyntax.marks] }
const optionsWithoutBlocks = { ...tree, extensions: [gfm(), formulaSyntax.marksInText] }

/**
 * Markdown (CommonMark with GitHub's tables, task lists, footnotes, bare links, and formulas) as a tree; a tangle stays
 * plain. Positions are those of the text. Of a text that is growing, a block of `$$` may still find its end.
 */
export function parseMarkdown(text: string, growing = false): Root {
  if (isTangled(text)) return plainRoot(text)
  const level = levelled(text)
  let root = fromMarkdown(level, options)
  if (!growing && hasUnclosedBlock(root, level)) root = fromMarkdown(level, optionsWithoutBlocks)
  finishFormulas(root, level)
  return root
}
