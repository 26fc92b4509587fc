import { useCallback, useState } from 'react'
import { memory } from './memory.ts'

/** A choice of the person's that this browser keeps. */
export function useChoice<Value extends string>(
  name: string,
  read: (kept: string | null) => Value,
): [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => read(memory.choice(name)))
  const choose = useCallback(
    (next: Value) => {
      memory.setChoice(name, next)
      setValue(next)
    },
    [name],
  )
  return [value, choose]
}
