import { type MouseEvent, useState } from 'react'
import { useTalk } from '../conversation/talk-context.ts'
import type { Message } from '../conversation/tree.ts'
import { useWords } from '../language/use-words.ts'
import { useShelfState } from '../shelf/shelf-context.ts'
import { Menu } from '../shell/menu.tsx'

/** Asks another model for the same answer; where there is one model, there is nothing to choose. */
export function OtherModels({ message, busy }: { message: Message; busy: boolean }) {
  const talk = useTalk()
  const words = useWords()
  const { models } = useShelfState()
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  const others = models.filter((model) => model !== message.details?.model)
  if (others.length === 0) return null
  const open = (event: MouseEvent<HTMLElement>) => {
    const { left, bottom } = event.currentTarget.getBoundingClientRect()
    setAt({ x: left, y: bottom })
  }
  return (
    <>
      <button
        type="button"
        className="quiet"
        disabled={busy}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        onClick={open}
      >
        {words.otherModel}
      </button>
      {at && (
        <Menu
          label={words.otherModel}
          at={at}
          items={others.map((model) => ({ label: model, act: () => talk.redo(message.id, model) }))}
          onClose={() => setAt(null)}
        />
      )}
    </>
  )
}
