import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Shelf, ShelfState } from './shelf.ts'

export const ShelfContext = createContext<Shelf | null>(null)

/** All conversations of the page. */
export function useShelf(): Shelf {
  const shelf = useContext(ShelfContext)
  if (!shelf) throw new Error('useShelf is called outside of ShelfContext: wrap the component in its provider.')
  return shelf
}

export function useShelfState(): ShelfState {
  const shelf = useShelf()
  return useSyncExternalStore(shelf.listen, shelf.read)
}
