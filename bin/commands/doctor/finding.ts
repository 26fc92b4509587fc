import type { Texts } from '#bin/catalogue'

type Said = (texts: Texts['doctor']) => string

/** One thing that was looked at. Sentences are told in the language of whoever reads them. */
export interface Finding {
  check: 'processor' | 'memory' | 'node' | 'runtime' | 'model' | 'port' | 'disk' | 'page' | 'limits'
  /** `note`: the server runs, with less than it could have. `broken`: it does not, or not for long. */
  state: 'ok' | 'note' | 'broken'
  /** For programs. */
  facts: Readonly<Record<string, unknown>>
  say: Said
  /** What to do; left out where all is well. */
  remedy?: Said
}

export const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
