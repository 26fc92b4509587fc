import { useEffect } from 'react'

interface Shortcuts {
  onNewChat(): void
  onStop(): void
}

/** Ctrl K (⌘ K) starts a new chat, Esc stops the model; an open dialog keeps its own Esc. */
export function useShortcuts({ onNewChat, onStop }: Shortcuts): void {
  useEffect(() => {
    const keyDown = (event: KeyboardEvent) => {
      if (event.isComposing || event.defaultPrevented || document.querySelector('dialog[open]')) return
      if (event.key === 'Escape') onStop()
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      event.preventDefault()
      onNewChat()
    }
    window.addEventListener('keydown', keyDown)
    return () => window.removeEventListener('keydown', keyDown)
  }, [onNewChat, onStop])
}
