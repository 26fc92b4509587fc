import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'

interface EndingProps {
  message: Message
  busy: boolean
  onRetry(): void
  /** Null where the answer cannot go on. */
  onGoOn: (() => void) | null
  onSettings(): void
}

/** How an answer ended, where there is something to say about it, with the next step. */
export function Ending({ message, busy, onRetry, onGoOn, onSettings }: EndingProps) {
  const words = useWords()
  const goOn = onGoOn && (
    <button type="button" className="quiet" disabled={busy} onClick={onGoOn}>
      {words.goOn}
    </button>
  )
  if (message.state === 'stopped')
    return (
      <p className="aside">
        {words.stopped} {goOn}
      </p>
    )
  if (message.state === 'failed') return <FailureNote message={message} busy={busy} onRetry={onRetry} onGoOn={onGoOn} />
  if (message.state !== 'done') return null
  if (!message.text.trim()) return <p className="aside">{words.empty}</p>
  if (message.details?.finishReason !== 'length') return null
  return (
    <p className="aside">
      {words.lengthReached} {goOn}{' '}
      <button type="button" className="quiet" onClick={onSettings}>
        {words.settings}
      </button>
    </p>
  )
}

/** What went wrong, what it means and what to do next. */
function FailureNote({ message, busy, onRetry, onGoOn }: Omit<EndingProps, 'onSettings'>) {
  const words = useWords()
  const failure = message.failure ?? { kind: 'cut' as const, detail: '', requestId: '' }
  const [what, next] = words.failure[failure.kind] ?? words.failure.cut
  return (
    <div className="failure" role="alert">
      <p>
        <b>{what}</b> {next}
      </p>
      {failure.detail && <p className="detail">{failure.detail}</p>}
      <p className="row">
        <button type="button" className="strong" disabled={busy} onClick={onRetry}>
          {words.tryAgain}
        </button>
        {onGoOn && (
          <button type="button" className="quiet" disabled={busy} onClick={onGoOn}>
            {words.goOn}
          </button>
        )}
        {failure.requestId && (
          <span className="hint">
            {words.requestId} {failure.requestId}
          </span>
        )}
      </p>
    </div>
  )
}
