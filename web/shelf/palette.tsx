import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { Marked } from './marked.tsx'
import { useShelf } from './shelf-context.ts'
import { useSearch } from './use-search.ts'

export interface Command {
  label: string
  keys?: string
  act(): void
}

interface Entry {
  key: string
  text: string
  marks: readonly (readonly [number, number])[]
  /** The conversation that a message was found in. */
  below?: string
  keys?: string
  act(): void
}

/** Finds conversations, messages and commands from the keyboard. */
export function Palette({ commands, onClose }: { commands: readonly Command[]; onClose(): void }) {
  const shelf = useShelf()
  const words = useWords()
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const found = useSearch(query)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const wanted = query.trim().toLowerCase()
  const groups: { name: string; entries: Entry[] }[] = [
    {
      name: words.palette.titles,
      entries: found.titles.map(({ id, title, marks }) => ({
        key: id,
        text: title,
        marks,
        act: () => void shelf.open(id),
      })),
    },
    {
      name: words.palette.messages,
      entries: found.data.map(({ conversation, title, message, excerpt, marks }) => ({
        key: message,
        text: excerpt,
        marks,
        below: title,
        act: () => void shelf.open(conversation, message),
      })),
    },
    {
      name: words.palette.commands,
      entries: commands
        .filter(({ label }) => label.toLowerCase().includes(wanted))
        .map(({ label, keys, act }) => ({ key: label, text: label, marks: [], keys, act })),
    },
  ]
  const entries = groups.flatMap((group) => group.entries)
  const chosen = Math.min(at, entries.length - 1)
  const take = (entry: Entry | undefined) => {
    if (!entry) return
    onClose()
    entry.act()
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Enter') take(entries[chosen])
    if (step === undefined) return
    event.preventDefault()
    setAt((chosen + step + entries.length) % Math.max(1, entries.length))
  }
  useEffect(() => {
    document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: 'nearest' })
  }, [list, chosen])
  let index = -1
  return (
    <dialog
      ref={dialog}
      className="settings palette"
      aria-label={words.palette.label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <input
        type="search"
        role="combobox"
        aria-label={words.palette.label}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen >= 0 ? `${list}-${chosen}` : undefined}
        placeholder={words.palette.placeholder}
        value={query}
        maxLength={200}
        onChange={(event) => {
          setQuery(event.target.value)
          setAt(0)
        }}
        onKeyDown={keyDown}
      />
      <div className="found" id={list} role="listbox" aria-label={words.palette.label}>
        {groups
          .filter((group) => group.entries.length > 0)
          .map((group) => (
            <div key={group.name} role="group" aria-label={group.name}>
              <p className="heading" aria-hidden="true">
                {group.name}
              </p>
              {group.entries.map((entry) => {
                index++
                const place = index
                return (
                  <div
                    key={entry.key}
                    id={`${list}-${place}`}
                    role="option"
                    tabIndex={-1}
                    aria-selected={place === chosen}
                    onClick={() => take(entry)}
                    onPointerMove={() => setAt(place)}
                  >
                    <span dir="auto">
                      <Marked text={entry.text} marks={entry.marks} />
                    </span>
                    {entry.below && <small dir="auto">{entry.below}</small>}
                    {entry.keys && <kbd>{entry.keys}</kbd>}
                  </div>
                )
              })}
            </div>
          ))}
      </div>
      {entries.length === 0 && <p className="hint none">{words.palette.nothing}</p>}
      <p className="hint keys" role="status">
        {wanted && !found.pending ? `${words.palette.found(entries.length)} · ` : ''}
        {words.palette.hint}
      </p>
    </dialog>
  )
}
