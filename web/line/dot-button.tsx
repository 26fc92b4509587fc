import { type CSSProperties, memo } from 'react'
import { aloud } from '../conversation/sentences.ts'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { Fork } from './fork.tsx'

interface DotButtonProps {
  message: Message
  version: number
  versions: number
  /** From the dot before it, in pixels. */
  step: number
  /** How many dots come before it, and after it. */
  before: number
  after: number
  seen: boolean
  /** True for the one dot that the Tab key reaches. */
  stop: boolean
  onJump(id: string): void
  onFocus(index: number): void
}

/** One dot. It is placed by `position: sticky`, so that it scrolls as smoothly as the text and waits at the edges. */
export const DotButton = memo(function DotButton(props: DotButtonProps) {
  const { message, version, versions, step, before, after } = props
  const words = useWords()
  const start = aloud(message.text.slice(0, 60)) || words.nothingYet
  const label = message.role === 'user' ? words.dotOfYou(before + 1, start) : words.dotOfModel(before + 1, start)
  return (
    <li style={{ marginTop: step, '--before': before, '--after': after } as CSSProperties}>
      {versions > 1 && <Fork version={version} versions={versions} />}
      <button
        type="button"
        className="dot"
        data-role={message.role}
        data-state={message.state}
        data-seen={props.seen}
        tabIndex={props.stop ? 0 : -1}
        aria-label={versions > 1 ? `${label} (${words.versionOf(version, versions)})` : label}
        onFocus={() => props.onFocus(before)}
        onClick={(event) => event.detail === 0 && props.onJump(message.id)}
      />
    </li>
  )
})
