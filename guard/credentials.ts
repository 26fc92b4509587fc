/** The one reader of credentials: whatever carries them, a request has one secret, none, or is refused. */

export type Credential =
  | { kind: 'none' }
  | { kind: 'key'; secret: string }
  | { kind: 'session'; secret: string }
  /** Two that differ, or one that is none. */
  | { kind: 'broken'; why: string }

export const sessionCookie = '__Host-dotline'
const longest = 512

/** `headers` are names and values in turn, as they came: repeated ones would otherwise be dropped without a word. */
export function readCredential(headers: readonly string[]): Credential {
  const given = new Set<string>()
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at].toLowerCase()
    const value = headers[at + 1].trim()
    if (name !== 'authorization' && name !== 'x-api-key') continue
    const secret = name === 'x-api-key' ? value : (/^bearer +(\S+)$/i.exec(value)?.[1] ?? '')
    if (secret === '' || secret.length > longest || !/^[\x21-\x7e]+$/.test(secret))
      return { kind: 'broken', why: `The header '${name}' holds no key. Send 'Authorization: Bearer KEY'.` }
    given.add(secret)
  }
  if (given.size > 1) return { kind: 'broken', why: 'The request carries two different keys. Send one.' }
  // What a program sends on purpose counts before what a browser sends by itself.
  const [secret] = given
  return secret === undefined ? sessionOf(headers) : { kind: 'key', secret }
}

function sessionOf(headers: readonly string[]): Credential {
  const secrets = new Set(cookiesNamed(headers, sessionCookie))
  if (secrets.size > 1) return { kind: 'broken', why: 'The request carries two different sessions. Sign in again.' }
  const [secret] = secrets
  return secret ? { kind: 'session', secret } : { kind: 'none' }
}

/** All values of a cookie: another page of the same host may have set one more. */
export function cookiesNamed(headers: readonly string[], name: string): string[] {
  const lines = headers.filter((_, at) => at % 2 === 1 && headers[at - 1].toLowerCase() === 'cookie')
  return lines
    .flatMap((line) => line.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}
