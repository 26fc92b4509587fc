import type { KeyboardEvent } from 'react'
import { useWords } from '../language/use-words.ts'
import { ArrowUpIcon, StopIcon, XIcon } from '../shell/icons.tsx'
import { GrowingField } from './growing-field.tsx'
import { sendsMessage } from './keys.ts'

interface ComposerProps {
  writing: boolean
  /** What is half written, and where it is kept. */
  draft: string
  onDraft(text: string): void
  queue: readonly string[]
  onUnqueue(at: number): void
  onSend(text: string): void
  /** Sends now, whatever is being written. */
  onSteer(text: string): void
  onStop(): void
  /** Up-arrow in an empty field. */
  onEditLast(): void
}

/** On a phone the field does not take the focus by itself: the keyboard would cover the page. */
const hasKeyboard = matchMedia('(pointer: fine)').matches

/** Where the person writes. What is half written survives a refresh. */
export function Composer(props: ComposerProps) {
  const { writing, draft: text, onDraft: write, queue, onUnqueue, onSend, onSteer, onStop, onEditLast } = props
  const words = useWords()
  const send = (now: boolean) => {
    if (!text.trim()) return
    write('')
    if (now) onSteer(text)
    else onSend(text)
  }
  const keyDown = (event: KeyboardEvent) => {
    if (sendsMessage(event.nativeEvent)) {
      event.preventDefault()
      send(writing && (event.ctrlKey || event.metaKey))
    } else if (event.key === 'ArrowUp' && text === '' && !writing) {
      event.preventDefault()
      onEditLast()
    }
  }
  const hint = !writing ? words.composer.keys : text.trim() ? words.composer.queueKeys : words.composer.writing
  return (
    <div className="composer">
      {queue.length > 0 && (
        <ul className="queue" aria-label={words.composer.waiting}>
          {queue.map((each, at) => (
            <li key={at}>
              <span dir="auto">{each}</span>
              <button type="button" aria-label={words.composer.unqueue} onClick={() => onUnqueue(at)}>
                <XIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
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
          <span className="hint">{hint}</span>
          {writing && text.trim() && (
            <>
              <button type="button" className="quiet" onClick={() => send(true)}>
                {words.composer.steer}
              </button>
              <button type="button" className="quiet" onClick={() => send(false)}>
                {words.composer.queue}
              </button>
            </>
          )}
          {writing ? (
            <button type="button" className="strong" onClick={onStop}>
              <StopIcon />
              {words.composer.stop}
            </button>
          ) : (
            <button type="button" className="strong" disabled={!text.trim()} onClick={() => send(false)}>
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
