import type { FootnoteDefinition, RootContent } from 'mdast'
import { memo, useMemo, useRef } from 'react'
import { Footnotes } from './footnotes.tsx'
import type { Frame } from './frame.ts'
import { GrowingMarkdown } from './growing.ts'
import { show } from './nodes.tsx'
import { parseMarkdown } from './parse.ts'

/** A text in Markdown. While it grows, only its last block is parsed and shown anew. */
export function Markdown({ text, growing, anchor }: { text: string; growing: boolean; anchor: string }) {
  const grower = useRef<GrowingMarkdown | null>(null)
  if (growing) grower.current ??= new GrowingMarkdown()
  const blocks = useMemo(
    () => (growing && grower.current ? grower.current.grow(text) : parseMarkdown(text).children),
    [text, growing],
  )
  const frame = useFrame(blocks, anchor)
  const notes = blocks.filter((block): block is FootnoteDefinition => block.type === 'footnoteDefinition')
  return (
    <div className="prose" dir="auto">
      {blocks.map((block, index) => (
        <Block key={index} block={block} frame={frame} />
      ))}
      <Footnotes notes={notes} frame={frame} />
    </div>
  )
}

const Block = memo(function Block({ block, frame }: { block: RootContent; frame: Frame }) {
  return <>{show(block, frame, 0)}</>
})

/** The frame of a text; it stays the same object until a definition or a footnote is added. */
function useFrame(blocks: RootContent[], anchor: string): Frame {
  const named = blocks.filter((block) => block.type === 'definition' || block.type === 'footnoteDefinition')
  const names = named.map((block) => `${block.type} ${block.identifier}`).join('\n')
  // The names stand for the blocks, whose identity changes with every piece of text
  return useMemo(
    () => ({
      depth: 0,
      anchor,
      definitions: new Map(
        blocks.flatMap((block) => (block.type === 'definition' ? [[block.identifier, block.url]] : [])),
      ),
      footnotes: blocks.flatMap((block) => (block.type === 'footnoteDefinition' ? [block.identifier] : [])),
      show: (node, frame) => node.children.map((child, index) => show(child, frame, index)),
    }),
    [names, anchor],
  )
}
