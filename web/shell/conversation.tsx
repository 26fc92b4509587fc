import { type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useRef } from 'react'
import type { TalkState } from '../conversation/talk.ts'
import { useTalk } from '../conversation/talk-context.ts'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { dotsOf } from '../line/dots.ts'
import { Line } from '../line/line.tsx'
import { Article } from '../message/article.tsx'
import { Quoting } from '../message/quoting.tsx'
import { useShelf, useShelfState } from '../shelf/shelf-context.ts'
import { ArrowDownIcon } from './icons.tsx'
import { Intro } from './intro.tsx'
import { useFollowing } from './use-following.ts'

interface ConversationProps {
  state: TalkState
  path: Message[]
  /** The message whose wording is being changed, or an empty string. */
  editing: string
  modelName: string
  /** Gives out `follow`, which goes to the end and stays there. */
  ref: Ref<{ follow(): void }>
  onEdit(id: string): void
  onExample(text: string): void
  onQuote(text: string): void
  onSettings(): void
}

/** The messages with their line of dots, or the introduction; follows the answer while the person lets it. */
export function Conversation(props: ConversationProps) {
  const { state, path, editing } = props
  const talk = useTalk()
  const words = useWords()
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const empty = path.length === 0
  const { following, follow, leave } = useFollowing(scroller, content, empty)
  const dots = useMemo(() => dotsOf(state.tree, path), [state.tree, path])
  const busy = state.writing !== ''
  useImperativeHandle(props.ref, () => ({ follow }), [follow])

  const jump = useCallback(
    (id: string) => {
      const article = content.current?.querySelector<HTMLElement>(`[data-message="${id}"]`)
      leave()
      article?.scrollIntoView({ block: 'start' })
      article?.focus({ preventScroll: true })
    },
    [leave],
  )

  const shelf = useShelf()
  const { goTo } = useShelfState()
  const there = goTo !== '' && path.some((message) => message.id === goTo)
  useEffect(() => {
    if (!there) return
    jump(goTo)
    shelf.arrived()
  }, [there, goTo, jump, shelf])

  return (
    <>
      <Quoting within={content} onQuote={props.onQuote} />
      <div className="scroll" ref={scroller}>
        <div className="talk" ref={content} role="region" aria-label={words.talkLabel}>
          {empty ? (
            <Intro
              canBringBack={state.aside !== null}
              onExample={props.onExample}
              onBringBack={() => talk.bringBack()}
            />
          ) : (
            <Line dots={dots} content={content} scroller={scroller} onJump={jump} />
          )}
          {dots.map((dot) => (
            <Article
              key={dot.message.id}
              {...dot}
              busy={busy}
              editing={editing === dot.message.id && !busy}
              modelName={props.modelName}
              onEdit={props.onEdit}
              onSettings={props.onSettings}
            />
          ))}
        </div>
      </div>
      {!following && !empty && (
        <button type="button" className="latest" onClick={follow}>
          <ArrowDownIcon />
          {words.toLatest}
        </button>
      )}
    </>
  )
}
