import { useEffect, useRef, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import type { Health } from '../stream/health.ts'

/** Says that the server is away or not ready yet, and for a moment that it is back. */
export function HealthBanner({ health }: { health: Health }) {
  const words = useWords()
  const back = useBack(health.state)
  const well = health.state === 'ok' || health.state === 'unknown'
  const shown = well ? (back ? 'back' : '') : health.state
  return (
    <div role="status" className="health" data-health={shown || undefined}>
      {shown && words.health[shown as keyof typeof words.health]} {shown === 'failed' && health.problem}
    </div>
  )
}

/** True for four seconds after the server came back. */
function useBack(state: Health['state']): boolean {
  const [back, setBack] = useState(false)
  const before = useRef(state)
  useEffect(() => {
    const wasAway = before.current === 'offline'
    before.current = state
    setBack(state === 'ok' && wasAway)
    const timer = setTimeout(() => setBack(false), 4000)
    return () => clearTimeout(timer)
  }, [state])
  return back
}
