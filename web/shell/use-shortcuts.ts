import { useEffect } from 'react'

interface Shortcuts {
  onNewChat(): void
  onPalette(): void
  onStop(): void
}

/** Ctrl K (⌘ K) searches, Ctrl Shift O starts a new chat, Esc stops the model; an open dialog keeps its own Esc. */
export function useShortcuts({ onNewChat, onPalette, onStop }: Shortcuts): void {
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented || document.querySelector('dialog[open]')) return
      if (event.key === 'Escape') onStop()
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return
      const act = { k: onPalette, 'shift o': onNewChat }[`${event.shiftKey ? 'shift ' : ''}${event.key.toLowerCase()}`]
      if (!act) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', keyDown)
    return () => window.removeEventListener('keydown', keyDown)
  }, [onNewChat, onPalette, onStop])
}
