import { useEffect } from 'react'
import { useWords } from '../language/use-words.ts'
import { useShelf, useShelfState } from './shelf-context.ts'

/** How long something can be brought back by a press. */
const shownMs = 12_000

/** Says what was thrown away, and brings it back. */
export function Undo() {
  const shelf = useShelf()
  const words = useWords()
  const { discarded } = useShelfState()
  useEffect(() => {
    if (discarded.length === 0) return
    const timer = setTimeout(() => shelf.forget(), shownMs)
    return () => clearTimeout(timer)
  }, [discarded, shelf])
  return (
    <div className="toast" role="status" data-shown={discarded.length > 0 || undefined}>
      {discarded.length > 0 && (
        <>
          <span>{words.shelf.deleted(discarded.length)}</span>
          <button type="button" className="quiet" onClick={() => void shelf.bringBack()}>
            {words.shelf.undo}
          </button>
        </>
      )}
    </div>
  )
}
