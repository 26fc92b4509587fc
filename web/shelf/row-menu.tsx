import { useState } from 'react'
import type { Conversation } from '#wire/conversations'
import { useWords } from '../language/use-words.ts'
import { download } from '../shell/download.ts'
import { Menu } from '../shell/menu.tsx'
import { FolderDialog } from './folder-dialog.tsx'
import { useShelf, useShelfState } from './shelf-context.ts'

interface RowMenuProps {
  conversation: Conversation
  at: { x: number; y: number }
  onClose(): void
  onRename(): void
}

/** What can be done with one conversation. */
export function RowMenu({ conversation, at, onClose, onRename }: RowMenuProps) {
  const shelf = useShelf()
  const words = useWords()
  const { folders } = useShelfState()
  const [view, setView] = useState<'all' | 'move' | 'folder'>('all')
  const { id, pinned, archived, folder } = conversation
  const label = words.shelf.menu(conversation.title)
  const move = (to: string | null) => void shelf.change(id, { folder: to })
  if (view === 'folder') return <FolderDialog folder={null} onClose={onClose} onMade={(made) => move(made.id)} />
  if (view === 'move') {
    const places = [
      ...folders.filter((each) => each.id !== folder).map((each) => ({ label: each.name, act: () => move(each.id) })),
      ...(folder === null ? [] : [{ label: words.shelf.noFolder, act: () => move(null) }]),
      { label: `${words.shelf.newFolder}…`, act: () => setView('folder'), stays: true },
    ]
    return <Menu key="move" label={words.shelf.move} at={at} items={places} onClose={onClose} />
  }
  const file = (format: 'markdown' | 'json') => () =>
    void download(`/api/conversations/${id}/export?format=${format}`).catch((error: unknown) => shelf.failed(error))
  const items = [
    { label: words.shelf.rename, act: onRename },
    { label: pinned ? words.shelf.unpin : words.shelf.pin, act: () => void shelf.change(id, { pinned: !pinned }) },
    { label: `${words.shelf.move}…`, act: () => setView('move'), stays: true },
    {
      label: archived ? words.shelf.unarchive : words.shelf.archive,
      act: () => void shelf.changeMany([id], { archived: !archived }),
    },
    { label: words.shelf.exportMarkdown, act: file('markdown') },
    { label: words.shelf.exportJson, act: file('json') },
    { label: words.shelf.delete, act: () => void shelf.discard([id]) },
  ]
  return <Menu label={label} at={at} items={items} onClose={onClose} />
}
