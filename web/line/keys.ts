/** What a key does on a dot: goes to another one, or turns to another branch of its message. */
export interface DotMove {
  to: number | null
  turn: -1 | 0 | 1
}

/** The move that a key asks for on dot `index` of `count`, or null where it asks for none. */
export function moveOf(key: string, index: number, count: number): DotMove | null {
  const steps: Record<string, number> = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: count - 1 }
  if (key === 'ArrowLeft') return { to: null, turn: -1 }
  if (key === 'ArrowRight') return { to: null, turn: 1 }
  return Object.hasOwn(steps, key) ? { to: Math.max(0, Math.min(count - 1, steps[key])), turn: 0 } : null
}
