import { useState } from 'react'
import { useWords } from '../language/use-words.ts'
import { bounds, within } from './sampling.ts'

interface NumberFieldProps {
  field: 'maxTokens' | 'seed'
  value: number | null
  onValue(value: number | null): void
}

/** A whole number, or nothing for the model's own. What cannot be used is marked, and not taken. */
export function NumberField({ field, value, onValue }: NumberFieldProps) {
  const words = useWords()
  const [text, setText] = useState<string | null>(null)
  const shown = text ?? value?.toString() ?? ''
  const usable = shown === '' || within(field, Number(shown)) !== null
  return (
    <label className="field">
      <span className="name">{words.sampling[field]}</span>
      <input
        inputMode="numeric"
        value={shown}
        placeholder={words.sampling.own}
        aria-invalid={!usable}
        aria-describedby={`${field}-help`}
        onChange={(event) => {
          const next = event.target.value.trim()
          setText(next)
          onValue(next === '' ? null : within(field, Number(next)))
        }}
        onBlur={() => setText(null)}
      />
      <small id={`${field}-help`}>
        {words.sampling[`${field}Help`]} ({bounds[field].min}–{bounds[field].max.toLocaleString(words.locale)})
      </small>
    </label>
  )
}
