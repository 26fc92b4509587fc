import { type MouseEvent, type SyntheticEvent, useEffect, useRef } from 'react'

/** What makes a `<dialog>` a window of its own: Esc and a click beside it close it, and the focus goes back to where it was. */
export function useModal(onClose: () => void) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  const closing = (event: SyntheticEvent<HTMLDialogElement> | MouseEvent<HTMLDialogElement>) => {
    if (event.target === ref.current) onClose()
  }
  return { ref, onClose: closing, onClick: closing }
}
