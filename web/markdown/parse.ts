import type { Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'

const options = { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }

/** Markdown (CommonMark with GitHub's tables, task lists, footnotes and bare links) as a tree. */
export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, options)
}
