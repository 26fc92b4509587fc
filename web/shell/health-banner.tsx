import { useEffect, useRef, useState } from 'react'
import { useWords } from '../language/use-words.ts'
import type { Health } from '../stream/health.ts'

/** Says that the server is away or not ready yet, and for a moment that it is back. */
export function HealthBanner({ health }: { health: Health }) {
  const words = useWords()
  const [back, setBack] = useState(false)
  const before = useRef<Health>(health)
  useEffect(() => {
    const wasAway = before.current === 'offline'
    before.current = health
    if (health !== 'ready' || !wasAway) return
    setBack(true)
    const timer = setTimeout(() => setBack(false), 4000)
    return () => clearTimeout(timer)
  }, [health])
  const away = health === 'offline' || health === 'loading'
  return (
    <div role="status" className="health" data-health={away ? health : back ? 'back' : undefined}>
      {away ? words.health[health] : back ? words.health.back : null}
    </div>
  )
}
