import { randomBytes } from 'node:crypto'

/** A name that says what it names and cannot be guessed. */
export const newName = (kind: 'resp' | 'msg' | 'fc' | 'fco' | 'rs' | 'conv'): string =>
  `${kind}_${randomBytes(18).toString('hex')}`
