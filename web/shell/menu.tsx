import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'

export interface MenuItem {
  label: string
  act(): void
  /** What comes of it stands in this menu's place. */
  stays?: boolean
}

/** A list of things to do, at a place of the window. Arrow keys move, Enter acts, Esc and a click elsewhere close it. */
export function Menu({
  label,
  items,
  at,
  onClose,
}: {
  label: string
  items: readonly MenuItem[]
  at: { x: number; y: number }
  onClose(): void
}) {
  const menu = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState(at)
  useLayoutEffect(() => {
    const element = menu.current
    if (!element) return
    const before = document.activeElement
    element.showPopover()
    const { width, height } = element.getBoundingClientRect()
    setPlace({
      x: Math.max(8, Math.min(at.x, innerWidth - width - 8)),
      y: at.y + height > innerHeight - 8 ? Math.max(8, innerHeight - height - 8) : at.y,
    })
    element.querySelector<HTMLElement>('[role="menuitem"]')?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  useEffect(() => {
    const away = (event: PointerEvent) => {
      if (!menu.current?.contains(event.target as Node)) onClose()
    }
    addEventListener('pointerdown', away)
    return () => removeEventListener('pointerdown', away)
  }, [onClose])
  const keyDown = (event: KeyboardEvent) => {
    const all = [...(menu.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])]
    const now = all.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.stopPropagation()
      // A dialog below the menu stays open.
      if (event.key === 'Escape') event.preventDefault()
      onClose()
    }
    if (to === undefined) return
    event.preventDefault()
    all.at(to % all.length)?.focus()
  }
  return (
    <div
      ref={menu}
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className="menu"
      style={{ left: place.x, top: place.y }}
      onKeyDown={keyDown}
    >
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          onClick={() => {
            if (!item.stays) onClose()
            item.act()
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  )
}
