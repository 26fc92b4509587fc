import { type KeyboardEvent, type MouseEvent, memo, useState } from 'react'
import type { Conversation } from '#wire/conversations'
import { useWords } from '../language/use-words.ts'
import { DotsIcon, PinIcon } from '../shell/icons.tsx'
import { RowMenu } from './row-menu.tsx'
import { useShelf } from './shelf-context.ts'

interface RowProps {
  conversation: Conversation
  open: boolean
  /** Null where nothing is being selected. */
  selected: boolean | null
  onToggle(id: string): void
  onLeave(): void
}

export const ConversationRow = memo(function ConversationRow(props: RowProps) {
  const { conversation, open, selected, onToggle, onLeave } = props
  const shelf = useShelf()
  const words = useWords()
  const [renaming, setRenaming] = useState(false)
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null)
  const title = conversation.title || words.newChat
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    void shelf.open(conversation.id)
    onLeave()
  }
  const openMenu = (event: MouseEvent<HTMLElement>) => {
    event.preventDefault()
    const { left, bottom } = event.currentTarget.getBoundingClientRect()
    setMenu({ x: left, y: bottom })
  }
  if (renaming) return <Rename conversation={conversation} onClose={() => setRenaming(false)} />
  if (selected !== null)
    return (
      <li className="one">
        <label>
          <input
            type="checkbox"
            checked={selected}
            aria-label={words.shelf.selectOne(title)}
            onChange={() => onToggle(conversation.id)}
          />
          <span dir="auto">{title}</span>
        </label>
      </li>
    )
  return (
    <li className="one" data-open={open || undefined}>
      <a
        href={`?c=${conversation.id}`}
        aria-current={open ? 'page' : undefined}
        onClick={follow}
        title={title}
        dir="auto"
      >
        {title}
      </a>
      {conversation.pinned && <PinIcon />}
      <button
        type="button"
        aria-label={words.shelf.menu(title)}
        aria-haspopup="menu"
        aria-expanded={menu !== null}
        onClick={openMenu}
      >
        <DotsIcon />
      </button>
      {menu && (
        <RowMenu
          conversation={conversation}
          at={menu}
          onClose={() => setMenu(null)}
          onRename={() => setRenaming(true)}
        />
      )}
    </li>
  )
})

function Rename({ conversation, onClose }: { conversation: Conversation; onClose(): void }) {
  const shelf = useShelf()
  const words = useWords()
  const [title, setTitle] = useState(conversation.title)
  const save = () => {
    onClose()
    const next = title.trim()
    if (next && next !== conversation.title) void shelf.change(conversation.id, { title: next })
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') save()
    if (event.key !== 'Escape') return
    event.stopPropagation()
    onClose()
  }
  return (
    <li className="one">
      <input
        className="rename"
        aria-label={words.shelf.renameLabel}
        value={title}
        maxLength={200}
        ref={(field) => field?.focus()}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={keyDown}
        onBlur={save}
      />
    </li>
  )
}
