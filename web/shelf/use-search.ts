import { useEffect, useState } from 'react'
import type { SearchReply } from '#wire/conversations'
import { ask } from '../kept/call.ts'
import { useShelf } from './shelf-context.ts'

const nothing: SearchReply = { titles: [], data: [], next: null }

/** A pause in typing that counts as the end of a word, in milliseconds. */
const restMs = 120

/** What is found of a query, a moment after it was last changed. */
export function useSearch(query: string): SearchReply & { pending: boolean } {
  const shelf = useShelf()
  const [found, setFound] = useState({ ...nothing, query: '' })
  const wanted = query.trim()
  useEffect(() => {
    if (wanted === '' || shelf.state.keeps !== 'yes') return setFound({ ...nothing, query: wanted })
    const leave = new AbortController()
    const timer = setTimeout(() => {
      const path = `/api/conversations/search?limit=20&q=${encodeURIComponent(wanted)}`
      ask<SearchReply>('GET', path, undefined, leave.signal).then(
        (reply) => setFound({ ...reply, query: wanted }),
        (error: unknown) => {
          if (!leave.signal.aborted) shelf.failed(error)
        },
      )
    }, restMs)
    return () => {
      clearTimeout(timer)
      leave.abort()
    }
  }, [wanted, shelf])
  return { ...found, pending: found.query !== wanted }
}
