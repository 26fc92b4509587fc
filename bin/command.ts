import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { texts } from './catalogue.ts'

export interface Command {
  /** Runs with the arguments after the command's name; resolves with the exit code. */
  run(argv: readonly string[]): Promise<number>
}

/** The command line cannot be understood: exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Node's own parser, with its complaints as UsageErrors. */
export function parse<T extends ParseArgsOptionsConfig>(argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    // Node goes on about arguments that begin with a dash, which no command here takes.
    const [complaint] = error.message.split('. To specify')
    const [, option = ''] = /'([^' ]*)/.exec(complaint) ?? []
    throw new UsageError(texts().usage.option((error as NodeJS.ErrnoException).code ?? '', option, complaint))
  }
}

/** A whole or fractional number from an option, within bounds; undefined where it was not given. */
export function number(
  name: string,
  text: string | undefined,
  bounds: { min?: number; max?: number; whole?: boolean } = {},
): number | undefined {
  if (text === undefined) return undefined
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, whole = false } = bounds
  const value = Number(text)
  if (
    text.trim() === '' ||
    !Number.isFinite(value) ||
    value < min ||
    value > max ||
    (whole && !Number.isInteger(value))
  )
    throw new UsageError(texts().usage.number(name, whole === true, min, max, text))
  return value
}
