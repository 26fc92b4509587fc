import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { isTangled, plainRoot } from './tangle.ts'

const options = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }

/** Markdown (CommonMark with GitHub's tables, task lists, footnotes and bare links) as a tree; a tangle stays plain. */
export function parseMarkdown(text: string): Root {
  if (isTangled(text)) return plainRoot(text)
  return fromMarkdown(text, options)
}
