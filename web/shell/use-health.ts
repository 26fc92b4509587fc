import { useEffect, useState } from 'react'
import type { Failure } from '../stream/failure.ts'
import { askHealth, type Health, healthPause } from '../stream/health.ts'
import type { Settings } from './settings.ts'

/** Watches the server, more often while it is away and at once after a failure, and notes the model's name. */
export function useHealth(settings: Settings, failure: Failure | null): Health {
  const [health, setHealth] = useState<Health>({ state: 'unknown', model: '', problem: '', keeps: false })

  useEffect(() => {
    let timer = 0
    let gone = false
    const ask = async () => {
      const found = await askHealth()
      if (gone) return
      setHealth(found)
      if (found.model) settings.note({ model: found.model })
      timer = window.setTimeout(ask, healthPause[found.state])
    }
    void ask()
    return () => {
      gone = true
      clearTimeout(timer)
    }
    // A failure starts the watch anew: what went wrong is soon known.
  }, [settings, failure])

  return health
}
