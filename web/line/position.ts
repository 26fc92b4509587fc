/** Where a dot stands: its natural place beside its message, and how near it may come to the window's edges. */
export interface DotPlace {
  /** From the dot before it (or from the line's start), in pixels. */
  step: number
  /** How many dots come before it, and after it. */
  before: number
  after: number
}

export interface Gaps {
  /** Between dots that wait at an edge, in pixels, while nobody looks at the line. */
  closed: number
  /** While somebody does. */
  open: number
}

/**
 * Places the dots for `position: sticky`. A dot scrolls with its message; where the message is out of sight, the dot
 * waits at the window's edge, beside those of its neighbours, so that every message keeps a dot within reach.
 * `tops`: the messages' places in the conversation, in pixels.
 */
export function placeDots(tops: number[]): DotPlace[] {
  return tops.map((top, index) => ({
    step: top - (tops[index - 1] ?? 0),
    before: index,
    after: tops.length - 1 - index,
  }))
}

/** The gaps for so many dots in a window so high: closed they take 48 pixels at most, open under half of the window. */
export function gapsFor(count: number, height: number): Gaps {
  const most = Math.max(1, count - 1)
  return { closed: Math.min(6, 48 / most), open: Math.min(14, (height * 0.45) / most) }
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
