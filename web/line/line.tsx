import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useCallback,
  useRef,
  useState,
} from 'react'
import { useTalk } from '../conversation/talk-context.ts'
import { useWords } from '../language/use-words.ts'
import { DotButton } from './dot-button.tsx'
import { DotCard } from './dot-card.tsx'
import type { Dot } from './dots.ts'
import { moveOf } from './keys.ts'
import { gapsFor, stepsOf } from './position.ts'
import { Thread } from './thread.tsx'
import { usePointing } from './use-pointing.ts'
import { useTops } from './use-tops.ts'

interface LineProps {
  dots: Dot[]
  content: RefObject<HTMLElement | null>
  scroller: RefObject<HTMLElement | null>
  onJump(id: string): void
}

/** The line of dots: one dot a message. It shows where one is, forks where branches are, and leads to each message. */
export function Line({ dots, content, scroller, onJump }: LineProps) {
  const talk = useTalk()
  const words = useWords()
  const list = useRef<HTMLOListElement>(null)
  const { seen, see, seeAgain, under } = usePointing(list)
  const [chosen, setChosen] = useState<number | null>(null)
  const measures = useTops(content, scroller, dots.map((dot) => dot.message.id).join())
  const steps = stepsOf(measures.tops)
  const gaps = gapsFor(dots.length, measures.height)
  const stop = Math.min(chosen ?? dots.length - 1, dots.length - 1)

  const focus = useCallback(
    (index: number) => {
      setChosen(index)
      see(index)
    },
    [see],
  )
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') see(-1)
    const move = moveOf(event.key, stop, dots.length)
    if (!move) return
    event.preventDefault()
    if (move.turn) talk.turn(dots[stop].message.id, move.turn)
    if (move.to !== null) list.current?.querySelectorAll<HTMLElement>('.dot')[move.to]?.focus()
  }
  const click = (event: MouseEvent) => {
    const index = event.detail > 0 ? under(event.clientY) : -1
    if (index >= 0) onJump(dots[index].message.id)
  }

  return (
    <nav
      className="line"
      style={{ '--closed': `${gaps.closed}px`, '--open': `${gaps.open}px` } as CSSProperties}
      aria-label={words.lineLabel}
      onPointerMove={(event) => event.pointerType === 'mouse' && see(under(event.clientY))}
      onPointerLeave={() => see(-1)}
      onTransitionEnd={seeAgain}
      onClick={click}
      onKeyDown={keyDown}
      onBlur={() => see(-1)}
    >
      <Thread measures={measures} live={dots.at(-1)?.message.state === 'writing'} />
      <ol ref={list}>
        {dots.map((dot, index) => (
          <DotButton
            key={dot.message.id}
            {...dot}
            step={steps[index] ?? 0}
            before={index}
            after={dots.length - 1 - index}
            seen={seen.index === index}
            stop={index === stop}
            onJump={onJump}
            onFocus={focus}
          />
        ))}
      </ol>
      {dots[seen.index] && <DotCard dot={dots[seen.index]} y={seen.y} />}
    </nav>
  )
}
