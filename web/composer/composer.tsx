import { type KeyboardEvent, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { ArrowUpIcon, StopIcon } from '../shell/icons.tsx'
import { memory } from '../shell/memory.ts'
import { GrowingField } from './growing-field.tsx'
import { sendsMessage } from './keys.ts'

interface ComposerProps {
  writing: boolean
  onSend(text: string): void
  onStop(): void
  /** Up-arrow in an empty field. */
  onEditLast(): void
}

/** On a phone the field does not take the focus by itself: the keyboard would cover the page. */
const hasKeyboard = matchMedia('(pointer: fine)').matches

/** Where the person writes. What is half written survives a refresh. */
export function Composer({ writing, onSend, onStop, onEditLast }: ComposerProps) {
  const words = useWords()
  const [text, setText] = useState(() => memory.draft('message') ?? '')
  const write = (next: string) => {
    setText(next)
    memory.setDraft('message', next)
  }
  const send = () => {
    if (writing || !text.trim()) return
    write('')
    onSend(text)
  }
  const keyDown = (event: KeyboardEvent) => {
    if (sendsMessage(event.nativeEvent)) {
      event.preventDefault()
      send()
    } else if (event.key === 'ArrowUp' && text === '' && !writing) {
      event.preventDefault()
      onEditLast()
    }
  }
  return (
    <div className="composer">
      <div className="box">
        <GrowingField
          id="message"
          label={words.composer.label}
          placeholder={words.composer.placeholder}
          text={text}
          onText={write}
          onKeyDown={keyDown}
          focus={hasKeyboard}
        />
        <div className="row">
          <span className="hint">{writing ? words.composer.writing : words.composer.keys}</span>
          {writing ? (
            <button type="button" className="strong" onClick={onStop}>
              <StopIcon />
              {words.composer.stop}
            </button>
          ) : (
            <button type="button" className="strong" disabled={!text.trim()} onClick={send}>
              <ArrowUpIcon />
              {words.composer.send}
            </button>
          )}
        </div>
      </div>
      <p className="notice">{words.notice}</p>
    </div>
  )
}
