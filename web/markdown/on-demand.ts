/** Something that is loaded when it is first asked for; those who listen are told when it is there. */
export interface OnDemand<T> {
  listen(listener: () => void): () => void
  /** What was loaded, or null until then. */
  current(): T | null
}

export function onDemand<T>(load: () => Promise<T>): OnDemand<T> {
  const listeners = new Set<() => void>()
  let value: T | null = null
  let asked = false
  const ask = () => {
    if (asked) return
    asked = true
    load().then(
      (loaded) => {
        value = loaded
        for (const listener of listeners) listener()
      },
      // Off line, say: the next one that needs it tries again.
      () => {
        asked = false
      },
    )
  }
  return {
    listen: (listener) => {
      listeners.add(listener)
      ask()
      return () => listeners.delete(listener)
    },
    current: () => value,
  }
}
