import { type KeyboardEvent, useState } from 'react'
import { GrowingField } from '../composer/growing-field.tsx'
import { sendsMessage } from '../composer/keys.ts'
import { useTalk } from '../conversation/talk-context.ts'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'

/** Another wording of a message, in its place. */
export function EditForm({ message, onClose }: { message: Message; onClose(): void }) {
  const talk = useTalk()
  const words = useWords()
  const [text, setText] = useState(message.text)
  const send = () => {
    onClose()
    talk.edit(message.id, text)
  }
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation()
      onClose()
    }
    if (!sendsMessage(event.nativeEvent)) return
    event.preventDefault()
    if (text.trim()) send()
  }
  return (
    <div className="editing">
      <GrowingField label={words.editLabel} text={text} onText={setText} onKeyDown={keyDown} focus />
      <div className="row">
        <span className="hint">{words.editNote}</span>
        <button type="button" className="quiet" onClick={onClose}>
          {words.editCancel}
        </button>
        <button type="button" className="strong" disabled={!text.trim()} onClick={send}>
          {words.editSend}
        </button>
      </div>
    </div>
  )
}
