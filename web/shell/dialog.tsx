import { type ReactNode, useId } from 'react'
import { useModal } from './use-modal.ts'

/** A window of its own over the page. */
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
  const id = useId()
  return (
    <dialog {...useModal(onClose)} className={`settings ${className}`} aria-labelledby={id}>
      <div className="inside">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
