import { type RefObject, useEffect, useState } from 'react'
import { useWords } from '../language/use-words.ts'

/** A button at what is selected in a message, which puts it as a quotation into the message box. */
export function Quoting({ within, onQuote }: { within: RefObject<HTMLElement | null>; onQuote(text: string): void }) {
  const words = useWords()
  const [found, setFound] = useState<{ text: string; x: number; y: number } | null>(null)
  useEffect(() => {
    const look = () => {
      const selection = document.getSelection()
      const text = selection?.toString().trim() ?? ''
      const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : null
      const article = range?.commonAncestorContainer.parentElement?.closest('.prose, .said')
      if (!text || !range || !article || !within.current?.contains(article)) return setFound(null)
      const { left, width, top } = range.getBoundingClientRect()
      setFound({ text, x: left + width / 2, y: top })
    }
    document.addEventListener('selectionchange', look)
    return () => document.removeEventListener('selectionchange', look)
  }, [within])
  if (!found) return null
  return (
    <button
      type="button"
      className="quoting"
      style={{ left: found.x, top: Math.max(60, found.y) }}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => {
        onQuote(found.text)
        document.getSelection()?.removeAllRanges()
      }}
    >
      {words.quote}
    </button>
  )
}
