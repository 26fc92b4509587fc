import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from 'react'

export interface Measures {
  /** The middle of each message's head, from the top of the conversation, in pixels. */
  tops: number[]
  /** The end of the last message's text. */
  end: number
  /** The height of the window on the conversation. */
  height: number
}

const headMiddle = 11

/** Measures where the messages stand, again whenever the conversation or its window changes size. */
export function useTops(
  content: RefObject<HTMLElement | null>,
  scroller: RefObject<HTMLElement | null>,
  key: string,
): Measures {
  const [measures, setMeasures] = useState<Measures>({ tops: [], end: 0, height: 600 })
  const measure = useCallback(() => {
    const inner = content.current
    const outer = scroller.current
    if (!inner || !outer) return
    const articles = [...inner.querySelectorAll<HTMLElement>('article')]
    const last = articles.at(-1)
    const next: Measures = {
      tops: articles.map((article) => article.offsetTop + headMiddle),
      end: last ? last.offsetTop + last.offsetHeight : 0,
      height: outer.clientHeight,
    }
    setMeasures((before) => (same(before, next) ? before : next))
  }, [content, scroller])

  useLayoutEffect(measure, [key, measure])
  useEffect(() => {
    const observer = new ResizeObserver(measure)
    if (content.current) observer.observe(content.current)
    if (scroller.current) observer.observe(scroller.current)
    return () => observer.disconnect()
  }, [content, scroller, measure])
  return measures
}

function same(a: Measures, b: Measures): boolean {
  return (
    a.end === b.end &&
    a.height === b.height &&
    a.tops.length === b.tops.length &&
    a.tops.every((top, i) => top === b.tops[i])
  )
}
