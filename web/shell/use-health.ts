import { useEffect, useState } from 'react'
import { askHealth, askModel, type Health, healthPause } from '../stream/health.ts'

/** Watches the server, more often while it is away, and learns the model's name. */
export function useHealth(): { health: Health; model: string; ask: () => void } {
  const [health, setHealth] = useState<Health>('unknown')
  const [model, setModel] = useState('')
  const [asked, setAsked] = useState(0)

  useEffect(() => {
    let timer = 0
    let gone = false
    const ask = async () => {
      const found = await askHealth()
      if (gone) return
      setHealth(found)
      timer = window.setTimeout(ask, healthPause[found])
    }
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [asked])

  useEffect(() => {
    if (health === 'ready') void askModel().then((name) => name && setModel(name))
  }, [health])

  return { health, model, ask: () => setAsked((count) => count + 1) }
}
