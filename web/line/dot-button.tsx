import type { CSSProperties } from 'react'
import { aloud } from '../conversation/sentences.ts'
import { useWords } from '../language/use-words.ts'
import type { Dot } from './dots.ts'
import { Fork } from './fork.tsx'
import type { DotPlace } from './position.ts'

interface DotButtonProps {
  dot: Dot
  place: DotPlace | undefined
  number: number
  seen: boolean
  /** True for the one dot that the Tab key reaches. */
  stop: boolean
  onJump(): void
  onFocus(): void
}

/** One dot. It is placed by `position: sticky`, so that it scrolls as smoothly as the text and waits at the edges. */
export function DotButton({ dot, place, number, seen, stop, onJump, onFocus }: DotButtonProps) {
  const words = useWords()
  const { message, version, versions } = dot
  const start = aloud(message.text.slice(0, 60)) || words.nothingYet
  const label = message.role === 'user' ? words.dotOfYou(number, start) : words.dotOfModel(number, start)
  const style = place && ({ marginTop: place.step, '--before': place.before, '--after': place.after } as CSSProperties)
  return (
    <li style={style}>
      {versions > 1 && <Fork version={version} versions={versions} />}
      <button
        type="button"
        className="dot"
        data-role={message.role}
        data-state={message.state}
        data-seen={seen}
        tabIndex={stop ? 0 : -1}
        aria-label={versions > 1 ? `${label} (${words.versionOf(version, versions)})` : label}
        onFocus={onFocus}
        onClick={(event) => event.detail === 0 && onJump()}
      />
    </li>
  )
}
