import { createHash, randomBytes } from 'node:crypto'

/** What bears are secrets of 256 random bits. Nothing keeps them but who was given them: here, only their hashes are. */

export const keyPrefix = 'dl-'
/** As much of a key as may be shown, to know it again. */
const shownLength = 10

export interface NewSecret {
  secret: string
  hash: string
  shown: string
}

export function newSecret(prefix = ''): NewSecret {
  const secret = prefix + randomBytes(32).toString('base64url')
  return { secret, hash: hashOf(secret), shown: secret.slice(0, shownLength) }
}

export const newKeySecret = (): NewSecret => newSecret(keyPrefix)

/** Fast, and that is enough: nobody tries out 256 bits. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
