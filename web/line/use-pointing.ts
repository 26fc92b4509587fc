import { type RefObject, useCallback, useState } from 'react'
import { nearest } from './position.ts'

/** A dot is pointed at from this far above or below its middle, in pixels. */
const reach = 14

/** Which dot is pointed at or focused, and where it stands in the window. */
export function usePointing(list: RefObject<HTMLElement | null>) {
  const [seen, setSeen] = useState({ index: -1, y: 0 })

  const see = useCallback(
    (index: number) => setSeen((before) => (index < 0 && before.index < 0 ? before : { index, y: yOf(list, index) })),
    [list],
  )
  /** The dots move apart when the line is looked at: what belongs to one follows it. */
  const seeAgain = useCallback(
    () => setSeen((before) => (before.index < 0 ? before : { ...before, y: yOf(list, before.index) })),
    [list],
  )
  const under = (y: number) => nearest(middles(list), y, reach)
  return { seen, see, seeAgain, under }
}

const middles = (list: RefObject<HTMLElement | null>): number[] =>
  [...(list.current?.querySelectorAll('.dot') ?? [])].map((dot) => {
    const { top, height } = dot.getBoundingClientRect()
    return top + height / 2
  })

const yOf = (list: RefObject<HTMLElement | null>, index: number): number =>
  index < 0 ? 0 : (middles(list)[index] ?? 0)
