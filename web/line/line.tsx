import { type CSSProperties, type KeyboardEvent, type PointerEvent, type RefObject, useRef, useState } from 'react'
import { useTalk } from '../conversation/talk-context.ts'
import { useWords } from '../language/use-words.ts'
import { DotButton } from './dot-button.tsx'
import { DotCard } from './dot-card.tsx'
import type { Dot } from './dots.ts'
import { gapsFor, nearest, placeDots } from './position.ts'
import { useTops } from './use-tops.ts'

interface LineProps {
  dots: Dot[]
  content: RefObject<HTMLElement | null>
  scroller: RefObject<HTMLElement | null>
  onJump(id: string): void
}

const reach = 14

/** The line of dots: one dot a message. It shows where one is, forks where branches are, and leads to each message. */
export function Line({ dots, content, scroller, onJump }: LineProps) {
  const talk = useTalk()
  const words = useWords()
  const list = useRef<HTMLOListElement>(null)
  const [at, setAt] = useState({ index: -1, y: 0 })
  const [stop, setStop] = useState(0)
  const { tops, end, height } = useTops(content, scroller, dots.map((dot) => dot.message.id).join())
  const places = placeDots(tops)
  const gaps = gapsFor(dots.length, height)
  const live = dots.at(-1)?.message.state === 'writing'
  const lastTop = tops.at(-1) ?? 0

  const middles = () => [...(list.current?.querySelectorAll('.dot') ?? [])].map(middleOf)
  const under = (event: PointerEvent) => nearest(middles(), event.clientY, reach)
  const see = (index: number) => setAt({ index, y: index < 0 ? 0 : middles()[index] })
  const focus = (index: number) => list.current?.querySelectorAll<HTMLElement>('.dot')[index]?.focus()

  const keyDown = (event: KeyboardEvent) => {
    const index = Math.min(stop, dots.length - 1)
    const steps: Record<string, number> = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: dots.length - 1 }
    const turns: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 }
    if (event.key === 'Escape') setAt({ index: -1, y: 0 })
    if (event.key in turns) talk.turn(dots[index].message.id, turns[event.key])
    if (!(event.key in steps)) return
    event.preventDefault()
    focus(Math.max(0, Math.min(dots.length - 1, steps[event.key])))
  }

  return (
    <nav
      className="line"
      style={{ '--closed': `${gaps.closed}px`, '--open': `${gaps.open}px` } as CSSProperties}
      aria-label={words.lineLabel}
      onPointerMove={(event) => event.pointerType === 'mouse' && see(under(event))}
      onPointerLeave={() => see(-1)}
      onPointerUp={(event) => {
        const index = under(event)
        if (index >= 0) onJump(dots[index].message.id)
      }}
      onKeyDown={keyDown}
      onBlur={() => see(-1)}
    >
      <div className="thread" style={{ top: tops[0] ?? 0, height: Math.max(0, lastTop - (tops[0] ?? 0)) }} />
      <div
        className="growth"
        data-live={live}
        style={{ top: lastTop, height: live ? Math.max(18, end - lastTop - 8) : 0 }}
      />
      <ol ref={list}>
        {dots.map((dot, index) => (
          <DotButton
            key={dot.message.id}
            dot={dot}
            place={places[index]}
            number={index + 1}
            seen={at.index === index}
            stop={index === Math.min(stop, dots.length - 1)}
            onJump={() => onJump(dot.message.id)}
            onFocus={() => {
              setStop(index)
              see(index)
            }}
          />
        ))}
      </ol>
      {dots[at.index] && <DotCard dot={dots[at.index]} y={at.y} />}
    </nav>
  )
}

function middleOf(element: Element): number {
  const { top, height } = element.getBoundingClientRect()
  return top + height / 2
}
