import type { ReactNode } from 'react'
import { useModal } from './use-modal.ts'

/** The list of conversations over the page, where there is no room beside it. */
export function Drawer({ label, onClose, children }: { label: string; onClose(): void; children: ReactNode }) {
  return (
    <dialog {...useModal(onClose)} className="drawer" aria-label={label}>
      {children}
    </dialog>
  )
}
