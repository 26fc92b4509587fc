import { type KeyboardEvent, useLayoutEffect, useRef } from 'react'

interface GrowingFieldProps {
  label: string
  text: string
  placeholder?: string
  focus?: boolean
  id?: string
  onText(text: string): void
  onKeyDown(event: KeyboardEvent): void
}

/** A field that is as high as what is written in it, up to the height that the style sheet allows. */
export function GrowingField({ label, text, placeholder, focus, id, onText, onKeyDown }: GrowingFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [text])
  useLayoutEffect(() => {
    const element = field.current
    if (!focus || !element) return
    element.focus()
    element.setSelectionRange(element.value.length, element.value.length)
  }, [focus])
  return (
    <textarea
      ref={field}
      id={id}
      rows={1}
      dir="auto"
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => onText(event.target.value)}
      onKeyDown={onKeyDown}
    />
  )
}
