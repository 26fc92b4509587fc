import { useWords } from '../language/use-words.ts'
import type { Failure } from '../stream/failure.ts'
import { XIcon } from './icons.tsx'

/** That a conversation is being opened, or what went wrong with it and what to do next. */
export function ShelfTrouble({
  opening,
  failure,
  onClose,
}: {
  opening: boolean
  failure: Failure | null
  onClose(): void
}) {
  const words = useWords()
  const [what, next] = failure ? words.failure[failure.kind] : ['', '']
  return (
    <div className="trouble" role={failure ? 'alert' : 'status'}>
      {opening && !failure && words.shelf.loading}
      {failure && (
        <>
          <p>
            <b>{what}</b> {next} {failure.detail}
          </p>
          <button type="button" aria-label={words.opinion.done} onClick={onClose}>
            <XIcon />
          </button>
        </>
      )}
    </div>
  )
}
