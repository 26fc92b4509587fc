import { useTalk } from '../conversation/talk-context.ts'
import { useWords } from '../language/use-words.ts'

/** ‹ 2 / 3 ›: goes from one version of a message to the next. */
export function BranchSwitch({
  id,
  version,
  versions,
  busy,
}: {
  id: string
  version: number
  versions: number
  busy: boolean
}) {
  const talk = useTalk()
  const words = useWords()
  return (
    <span className="branches">
      <button
        type="button"
        aria-label={words.earlier}
        disabled={busy || version === 1}
        onClick={() => talk.turn(id, -1)}
      >
        ‹
      </button>
      <span aria-label={words.versionOf(version, versions)} role="img">
        {words.version(version, versions)}
      </span>
      <button
        type="button"
        aria-label={words.later}
        disabled={busy || version === versions}
        onClick={() => talk.turn(id, 1)}
      >
        ›
      </button>
    </span>
  )
}
