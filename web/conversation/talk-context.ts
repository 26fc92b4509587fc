import { createContext, useContext } from 'react'
import type { Talk } from './talk.ts'

export const TalkContext = createContext<Talk | null>(null)

/** The conversation of the page. */
export function useTalk(): Talk {
  const talk = useContext(TalkContext)
  if (!talk) throw new Error('useTalk is called outside of TalkContext: wrap the component in its provider.')
  return talk
}
