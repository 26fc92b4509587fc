import { useMemo, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { Mark, PlusIcon, SearchIcon, TemporaryIcon } from '../shell/icons.tsx'
import { paletteKeys } from '../shell/keyboard.ts'
import { ConversationList } from './conversation-list.tsx'
import { rowsOf } from './groups.ts'
import { SelectionBar } from './selection-bar.tsx'
import { useShelf, useShelfState } from './shelf-context.ts'

interface SidebarProps {
  onSearch(): void
  /** Called once something was opened: on a phone the list then makes room. */
  onLeave(): void
  onData(): void
}

/** All conversations, by day and by folder. */
export function Sidebar({ onSearch, onLeave, onData }: SidebarProps) {
  const shelf = useShelf()
  const words = useWords()
  const state = useShelfState()
  const [selected, setSelected] = useState<ReadonlySet<string> | null>(null)
  const { conversations, folders, archived } = state
  const rows = useMemo(
    () => rowsOf(conversations, archived ? [] : folders, Date.now(), words.locale),
    [conversations, folders, archived, words],
  )
  const fresh = (temporary: boolean) => {
    shelf.fresh({ temporary })
    onLeave()
    document.getElementById('message')?.focus()
  }
  return (
    <div className="shelf">
      <div className="brand">
        <Mark />
        <span>{words.brand}</span>
      </div>
      <button type="button" className="new" onClick={() => fresh(false)}>
        <PlusIcon />
        {words.newChat}
      </button>
      <div className="pair-of-buttons">
        <button type="button" onClick={onSearch}>
          <SearchIcon />
          {words.shelf.search}
          <kbd>{paletteKeys}</kbd>
        </button>
        <button type="button" onClick={() => fresh(true)} aria-pressed={state.temporary}>
          <TemporaryIcon />
          {words.shelf.temporary}
        </button>
      </div>
      {archived && (
        <button type="button" className="quiet back-to-list" onClick={() => void shelf.showArchived(false)}>
          ← {words.shelf.backToList}
        </button>
      )}
      <ConversationList rows={rows} selected={selected} onSelected={setSelected} onLeave={onLeave} />
      {selected ? (
        <SelectionBar
          selected={selected}
          all={conversations.map(({ id }) => id)}
          archived={archived}
          onSelected={setSelected}
        />
      ) : (
        <div className="foot">
          <button type="button" className="quiet" disabled={rows.length === 0} onClick={() => setSelected(new Set())}>
            {words.shelf.select}
          </button>
          {!archived && (
            <button type="button" className="quiet" onClick={() => void shelf.showArchived(true)}>
              {words.shelf.archive}
            </button>
          )}
          <button type="button" className="quiet" onClick={onData}>
            {words.data.title}
          </button>
        </div>
      )}
    </div>
  )
}
