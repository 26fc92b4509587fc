import { randomBytes } from 'node:crypto'

const letters = 'abcdefghijklmnopqrstuvwxyz234567'

/** A name that says what it names and cannot be guessed: 120 random bits, in small letters and digits. */
export function newId(kind: string, bits = 120): string {
  let name = ''
  for (const byte of randomBytes(Math.ceil(bits / 5))) name += letters[byte & 31]
  return `${kind}${name}`
}
