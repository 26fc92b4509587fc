import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { CopyButton } from '../shell/copy-button.tsx'
import { EditForm } from './edit-form.tsx'

interface PersonMessageProps {
  message: Message
  busy: boolean
  editing: boolean
  onEdit(id: string): void
}

/** What the person wrote, as they wrote it: no Markdown, line ends kept. */
export function PersonMessage({ message, busy, editing, onEdit }: PersonMessageProps) {
  const words = useWords()
  if (editing) return <EditForm message={message} onClose={() => onEdit('')} />
  return (
    <>
      <div className="acts">
        <CopyButton text={message.text} />
        <button type="button" className="quiet" disabled={busy} onClick={() => onEdit(message.id)}>
          {words.edit}
        </button>
      </div>
      <p className="said" dir="auto">
        {message.text}
      </p>
    </>
  )
}
