import { useState } from 'react'
import { useTalk } from '../conversation/talk-context.ts'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { Markdown } from '../markdown/markdown.tsx'
import { useShelfState } from '../shelf/shelf-context.ts'
import { CopyButton } from '../shell/copy-button.tsx'
import { DetailList } from './detail-list.tsx'
import { Ending } from './ending.tsx'
import { Opinion } from './opinion.tsx'
import { OtherModels } from './other-models.tsx'
import { PlainOnError } from './plain-on-error.tsx'
import { summaryOf } from './summary.ts'

/** What the model wrote, how it ended, and what can be done with it. */
export function Answer({ message, busy, onSettings }: { message: Message; busy: boolean; onSettings(): void }) {
  const talk = useTalk()
  const words = useWords()
  const [open, setOpen] = useState(false)
  const { current } = useShelfState()
  const kept = talk.keeper !== null && current !== ''
  const writing = message.state === 'writing'
  return (
    <>
      {message.details && message.details.dropped > 0 && (
        <p className="aside">{words.dropped(message.details.dropped)}</p>
      )}
      <PlainOnError text={message.text} note={words.unreadableMarkdown}>
        <Markdown text={message.text} growing={writing} anchor={message.id} />
      </PlainOnError>
      {writing && !message.text && <Waiting />}
      <Ending
        message={message}
        busy={busy}
        onRetry={() => talk.redo(message.id)}
        onGoOn={talk.keeper && message.text ? () => talk.goOn(message.id) : null}
        onSettings={onSettings}
      />
      {!writing && (
        <div className="acts">
          {message.text && <CopyButton text={message.text} />}
          {message.state !== 'failed' && (
            <button type="button" className="quiet" disabled={busy} onClick={() => talk.redo(message.id)}>
              {words.redo}
            </button>
          )}
          {message.state !== 'failed' && !message.author && <OtherModels message={message} busy={busy} />}
          {kept && message.text && !message.author && <Opinion message={message} />}
          {message.details && message.state !== 'failed' && !message.author && (
            <button
              type="button"
              className="quiet figures"
              aria-expanded={open}
              title={words.details.label}
              onClick={() => setOpen(!open)}
            >
              {summaryOf(message.details, words)}
            </button>
          )}
        </div>
      )}
      {open && message.details && <DetailList message={message} details={message.details} />}
    </>
  )
}

/** Three dots while the first word is awaited. */
function Waiting() {
  return (
    <p className="waiting" aria-hidden="true">
      <i />
      <i />
      <i />
    </p>
  )
}
