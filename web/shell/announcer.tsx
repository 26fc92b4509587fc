import { useEffect, useRef, useState } from 'react'
import { aloud, lastSentenceEnd } from '../conversation/sentences.ts'
import type { Message } from '../conversation/tree.ts'

/** Tells a screen reader what the model wrote, whole sentences at a time; the rest when the answer ends. */
export function Announcer({ message }: { message: Message | undefined }) {
  const [spoken, setSpoken] = useState('')
  const told = useRef({ id: '', end: 0 })

  useEffect(() => {
    if (message?.role !== 'assistant') return
    if (told.current.id !== message.id) {
      told.current = { id: message.id, end: message.state === 'writing' ? 0 : message.text.length }
    }
    const end = message.state === 'writing' ? lastSentenceEnd(message.text) : message.text.length
    if (end <= told.current.end) return
    setSpoken(aloud(message.text.slice(told.current.end, end)))
    told.current.end = end
  }, [message])

  return (
    <div className="unseen" role="log" aria-live="polite" aria-atomic="true">
      {spoken}
    </div>
  )
}
