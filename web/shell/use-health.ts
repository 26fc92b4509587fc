import { useEffect, useState } from 'react'
import { askHealth, type Health, healthPause } from '../stream/health.ts'

/** Watches the server, more often while it is away. `ask` asks at once. */
export function useHealth(): { health: Health; ask: () => void } {
  const [health, setHealth] = useState<Health>({ state: 'unknown', model: '', problem: '' })
  const [asked, setAsked] = useState(0)

  useEffect(() => {
    let timer = 0
    let gone = false
    const ask = async () => {
      const found = await askHealth()
      if (gone) return
      setHealth((before) => ({ ...found, model: found.model || before.model }))
      timer = window.setTimeout(ask, healthPause[found.state])
    }
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [asked])

  return { health, ask: () => setAsked((count) => count + 1) }
}
