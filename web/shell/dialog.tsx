import { type ReactNode, useEffect, useId, useRef } from 'react'

/** A window of its own over the page; Esc and a click beside it close it, and the focus goes back to where it was. */
export function Dialog({
  title,
  className = '',
  onClose,
  children,
}: {
  title: string
  className?: string
  onClose(): void
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`settings ${className}`}
      aria-labelledby={id}
      onClose={(event) => event.target === dialog.current && onClose()}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
