/** Where a dot stands: its natural place beside its message, and how near it may come to the window's edges. */
export interface DotPlace {
  /** From the dot before it (or from the line's start), in pixels. */
  step: number
  top: number
  bottom: number
}

const widestGap = 11
const edge = 16

/**
 * Places the dots for `position: sticky`. A dot scrolls with its message; where the message is out of sight, the dot
 * waits at the window's edge, beside those of its neighbours, so that every message keeps a dot within reach.
 * `tops`: the messages' places in the conversation, in pixels; `height`: of the window on it. The dots at both edges
 * together never take more than a quarter of it.
 */
export function placeDots(tops: number[], height: number): DotPlace[] {
  const gap = Math.min(widestGap, height / 4 / Math.max(1, tops.length))
  return tops.map((top, index) => ({
    step: top - (tops[index - 1] ?? 0),
    top: Math.round(edge + index * gap),
    bottom: Math.round(edge + (tops.length - 1 - index) * gap),
  }))
}

/** The index of the dot nearest to `y` among those within `reach` pixels, or -1. */
export function nearest(ys: number[], y: number, reach: number): number {
  let best = -1
  let distance = reach
  ys.forEach((at, index) => {
    if (Math.abs(at - y) > distance) return
    distance = Math.abs(at - y)
    best = index
  })
  return best
}
