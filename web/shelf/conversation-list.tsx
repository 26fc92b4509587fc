import { useLayoutEffect, useRef, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { ConversationRow } from './conversation-row.tsx'
import { FolderHead } from './folder-head.tsx'
import type { Row } from './groups.ts'
import { useShelf, useShelfState } from './shelf-context.ts'

/** All rows are equally high, so that only those in sight need to be there. In pixels, as the style sheet has it. */
const rowHeight = 34
const spare = 12

interface ListProps {
  rows: readonly Row[]
  selected: ReadonlySet<string> | null
  onSelected(selected: ReadonlySet<string>): void
  onLeave(): void
}

/** The rows in sight and some more; the next page is fetched before its place comes into sight. */
export function ConversationList({ rows, selected, onSelected, onLeave }: ListProps) {
  const shelf = useShelf()
  const words = useWords()
  const { next, current, archived } = useShelfState()
  const scroller = useRef<HTMLElement>(null)
  const [sight, setSight] = useState({ top: 0, height: 800 })
  const look = () => {
    const { scrollTop, clientHeight } = scroller.current ?? { scrollTop: 0, clientHeight: 800 }
    const top = Math.floor(scrollTop / rowHeight)
    setSight((before) =>
      before.top === top && before.height === clientHeight ? before : { top, height: clientHeight },
    )
    if (scrollTop + 2 * clientHeight > rows.length * rowHeight) void shelf.more()
  }
  useLayoutEffect(look, [rows.length, next])
  const first = Math.max(0, sight.top - spare)
  const last = Math.min(rows.length, sight.top + Math.ceil(sight.height / rowHeight) + spare)
  const toggle = (id: string) => {
    const after = new Set(selected)
    if (!after.delete(id)) after.add(id)
    onSelected(after)
  }
  if (rows.length === 0) return <p className="hint empty">{archived ? words.shelf.noneArchived : words.shelf.empty}</p>
  return (
    <nav className="rows" ref={scroller} onScroll={look} aria-label={words.shelf.label} tabIndex={-1}>
      <ul style={{ height: rows.length * rowHeight, paddingTop: first * rowHeight }}>
        {rows
          .slice(first, last)
          .map((row) =>
            row.type === 'group' ? (
              <FolderHead key={row.key} row={row} />
            ) : (
              <ConversationRow
                key={row.key}
                conversation={row.conversation}
                open={row.conversation.id === current}
                selected={selected?.has(row.conversation.id) ?? null}
                onToggle={toggle}
                onLeave={onLeave}
              />
            ),
          )}
      </ul>
    </nav>
  )
}
