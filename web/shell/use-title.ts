import { useEffect } from 'react'

/** Names the window after the first thing that was said. */
export function useTitle(said: string, brand: string): void {
  useEffect(() => {
    const start = said.trim().slice(0, 40)
    document.title = start ? `${start} · ${brand}` : brand
  }, [said, brand])
}
