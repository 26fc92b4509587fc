import { StoreError } from '#store/errors'

/**
 * An error as the log may tell it: what kind it is, and where it happened. A message may hold what somebody wrote (a
 * parser's says what it stumbled over), so that only those are told whose words are known: the store's, and the operating
 * system's.
 */
export function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const { name, message, stack = '' } = error
  const frames = framesOf(stack, message)
  if (error instanceof StoreError || isOfSystem(error)) return `${name}: ${message}${frames}`
  const { code } = error as { code?: unknown }
  return `${name}${typeof code === 'string' ? ` ${code}` : ''}${frames}`
}

/** A file, a socket: its message names the call and the path. */
const isOfSystem = (error: Error): boolean => 'syscall' in error && typeof error.syscall === 'string'

/** A stack begins with the message, whose lines may look like frames. */
function framesOf(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message)
  const below = at < 0 ? stack : stack.slice(at + message.length)
  const frames = below.split('\n').filter((line) => /^ {4}at .*(:\d+:\d+\)?|<anonymous>\)?)$/.test(line))
  return frames.map((line) => `\n${line}`).join('')
}
