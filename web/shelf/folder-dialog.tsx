import { useState } from 'react'
import type { Folder } from '#wire/conversations'
import { useWords } from '../language/use-words.ts'
import { Dialog } from '../shell/dialog.tsx'
import { useShelf } from './shelf-context.ts'

/** A folder's name and what its conversations share; without a folder, a new one. */
export function FolderDialog({
  folder,
  onClose,
  onMade,
}: {
  folder: Folder | null
  onClose(): void
  onMade?(folder: Folder): void
}) {
  const shelf = useShelf()
  const words = useWords()
  const [name, setName] = useState(folder?.name ?? '')
  const own = folder?.settings.instructions
  const [instructions, setInstructions] = useState(typeof own === 'string' ? own : '')
  const save = async () => {
    onClose()
    const target = folder ?? (await shelf.folder(name.trim()))
    if (!target) return
    const settings = { ...target.settings, instructions }
    await shelf.changeFolder(target.id, { name: name.trim(), settings })
    onMade?.(target)
  }
  return (
    <Dialog title={folder?.name ?? words.shelf.newFolder} onClose={onClose}>
      <label className="field">
        <span className="name">{words.shelf.folderName}</span>
        <input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className="field">
        <span className="name">{words.shelf.folderInstructions}</span>
        <textarea rows={4} value={instructions} onChange={(event) => setInstructions(event.target.value)} />
      </label>
      <div className="row">
        {folder ? (
          <button
            type="button"
            className="quiet"
            onClick={() => {
              onClose()
              void shelf.changeFolder(folder.id, null)
            }}
          >
            {words.shelf.removeFolder}
          </button>
        ) : (
          <span />
        )}
        <button type="button" className="strong" disabled={!name.trim()} onClick={() => void save()}>
          {words.shelf.save}
        </button>
      </div>
    </Dialog>
  )
}
