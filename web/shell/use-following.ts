import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Nearer to the end than this, in pixels, the window counts as being at the end. */
const near = 40

/**
 * Keeps the window at the end of a growing conversation until the person scrolls up, and again once they are back at
 * the end. `follow` goes there at once. What is seen before anything was said (`empty`) stays at its top.
 */
export function useFollowing(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  empty: boolean,
) {
  const [following, setFollowing] = useState(true)
  const follows = useRef(true)
  const lastTop = useRef(0)

  const set = useCallback((value: boolean) => {
    follows.current = value
    setFollowing(value)
  }, [])

  const follow = useCallback(() => {
    set(true)
    const element = scroller.current
    if (element) element.scrollTop = element.scrollHeight
  }, [scroller, set])

  useEffect(() => {
    const element = scroller.current
    const inner = content.current
    if (!element || !inner) return
    const scrolled = () => {
      const atEnd = element.scrollHeight - element.clientHeight - element.scrollTop < near
      const wentUp = element.scrollTop < lastTop.current - 1
      lastTop.current = element.scrollTop
      if (atEnd) set(true)
      else if (wentUp) set(false)
    }
    const grown = new ResizeObserver(() => {
      if (follows.current && !empty) element.scrollTop = element.scrollHeight
    })
    element.addEventListener('scroll', scrolled, { passive: true })
    grown.observe(inner)
    grown.observe(element)
    return () => {
      element.removeEventListener('scroll', scrolled)
      grown.disconnect()
    }
  }, [scroller, content, set, empty])

  const leave = useCallback(() => set(false), [set])
  return { following, follow, leave }
}
