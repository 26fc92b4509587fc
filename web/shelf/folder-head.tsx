import { useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { PlusIcon, SlidersIcon } from '../shell/icons.tsx'
import { FolderDialog } from './folder-dialog.tsx'
import type { Row } from './groups.ts'
import { useShelf } from './shelf-context.ts'

/** A heading of the list; a folder's also begins a conversation in it and changes it. */
export function FolderHead({ row }: { row: Extract<Row, { type: 'group' }> }) {
  const shelf = useShelf()
  const words = useWords()
  const [changing, setChanging] = useState(false)
  const { folder, kind, label } = row
  const names: Record<string, string> = {
    pinned: words.shelf.pinned,
    today: words.shelf.today,
    yesterday: words.shelf.yesterday,
    week: words.shelf.week,
    month: words.shelf.month,
  }
  return (
    <li className="group">
      <h2>{names[kind] ?? label}</h2>
      {folder && (
        <>
          <button
            type="button"
            aria-label={`${words.newChat} · ${folder.name}`}
            onClick={() => shelf.fresh({ folder: folder.id })}
          >
            <PlusIcon />
          </button>
          <button type="button" aria-label={words.shelf.menu(folder.name)} onClick={() => setChanging(true)}>
            <SlidersIcon />
          </button>
          {changing && <FolderDialog folder={folder} onClose={() => setChanging(false)} />}
        </>
      )}
    </li>
  )
}
