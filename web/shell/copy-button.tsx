import { useEffect, useState } from 'react'
import { useWords } from '../language/use-words.ts'

/** Copies a text and says for a moment that it did. */
export function CopyButton({ text }: { text: string }) {
  const words = useWords()
  const [outcome, setOutcome] = useState<'' | 'copied' | 'copyFailed'>('')
  useEffect(() => {
    if (!outcome) return
    const timer = setTimeout(() => setOutcome(''), 1600)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = () =>
    writeClipboard(text).then(
      () => setOutcome('copied'),
      () => setOutcome('copyFailed'),
    )
  return (
    <button type="button" className="quiet" onClick={copy} aria-live="polite">
      {words[outcome || 'copy']}
    </button>
  )
}

/** A page served to another machine over plain HTTP has no clipboard; there the old way through a selection still works. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const holder = document.createElement('textarea')
  holder.value = text
  holder.className = 'unseen'
  document.body.append(holder)
  holder.select()
  const copied = document.execCommand('copy')
  holder.remove()
  if (!copied) throw new Error('The browser did not copy the text.')
}
