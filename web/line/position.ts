export interface Gaps {
  /** Between dots that wait at an edge, in pixels, while nobody looks at the line. */
  closed: number
  /** While somebody does. */
  open: number
}

/**
 * How far each dot stands below the one before it, in pixels. `tops`: the messages' places in the conversation. The
 * style sheet places the dots by `position: sticky`: a dot scrolls with its message; where the message is out of
 * sight, the dot waits at the window's edge, so that every message keeps a dot within reach.
 */
export function stepsOf(tops: number[]): number[] {
  return tops.map((top, index) => top - (tops[index - 1] ?? 0))
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
