import { useCallback, useEffect, useState } from 'react'
import { memory } from '../shell/memory.ts'

/** What is half written in a conversation. It survives a refresh; where conversations are kept, also a closed tab. */
export function useDraft(place: string, lasting: boolean): [string, (text: string) => void] {
  const name = `message.${place}`
  const [text, setText] = useState(() => read(name, lasting))
  useEffect(() => setText(read(name, lasting)), [name, lasting])
  const write = useCallback(
    (next: string) => {
      setText(next)
      if (lasting) memory.setChoice(name, next)
      else memory.setDraft(name, next)
    },
    [name, lasting],
  )
  return [text, write]
}

const read = (name: string, lasting: boolean): string => (lasting ? memory.choice(name) : memory.draft(name)) ?? ''
