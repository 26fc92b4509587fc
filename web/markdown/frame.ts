import type { Parents } from 'mdast'
import type { ReactNode } from 'react'

/** What a node needs to know of the text around it. */
export interface Frame {
  depth: number
  /** Tells the anchors of one message from those of another. */
  anchor: string
  /** Where `[words][name]` leads. */
  definitions: ReadonlyMap<string, string>
  /** The footnotes' names in the order in which they are numbered. */
  footnotes: readonly string[]
  show(node: Parents, frame: Frame): ReactNode[]
}
