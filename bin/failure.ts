import { texts } from './catalogue.ts'

/** An error of any kind as a sentence in the terminal's language, as far as the catalogue knows its kind. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { kinds, system } = texts().failure
  // What the system refused is said in full, whoever met with it first.
  for (const { code, path } of [error, error.cause ?? {}] as NodeJS.ErrnoException[])
    if (code !== undefined && path !== undefined && Object.hasOwn(system, code)) return system[code](path)
  return Object.hasOwn(kinds, error.name) ? `${kinds[error.name]}：${error.message}` : error.message
}
