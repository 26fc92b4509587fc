import { useWords } from '../language/use-words.ts'
import { useShelf } from './shelf-context.ts'

interface SelectionBarProps {
  selected: ReadonlySet<string>
  all: readonly string[]
  archived: boolean
  onSelected(selected: ReadonlySet<string> | null): void
}

/** What can be done with all that is selected. */
export function SelectionBar({ selected, all, archived, onSelected }: SelectionBarProps) {
  const shelf = useShelf()
  const words = useWords()
  const none = selected.size === 0
  const act = (change: { archived?: boolean; discarded?: boolean }) => {
    onSelected(null)
    void shelf.changeMany([...selected], change)
  }
  return (
    <div className="foot selecting" role="toolbar" aria-label={words.shelf.select}>
      <span className="hint" role="status">
        {words.shelf.selected(selected.size)}
      </span>
      <button type="button" className="quiet" onClick={() => onSelected(new Set(all))}>
        {words.shelf.selectAll}
      </button>
      <button type="button" className="quiet" disabled={none} onClick={() => act({ archived: !archived })}>
        {archived ? words.shelf.unarchive : words.shelf.archive}
      </button>
      <button type="button" className="quiet" disabled={none} onClick={() => act({ discarded: true })}>
        {words.shelf.delete}
      </button>
      <button type="button" className="quiet" onClick={() => onSelected(null)}>
        {words.shelf.endSelect}
      </button>
    </div>
  )
}
