/** Licences of training data: names brought to SPDX, and whether a model may be trained on them by default. */

/** Licences that allow any use, commercial included, and derived works. Compared in lower case. */
const open = [
  'MIT MIT-0 Apache-2.0 BSD-2-Clause BSD-3-Clause 0BSD ISC Zlib BSL-1.0 Unlicense WTFPL PostgreSQL Python-2.0 PSF-2.0',
  'CC0-1.0 CC-PDDC CC-BY-1.0 CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0',
  'CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-4.0',
  'ODC-By-1.0 PDDL-1.0 ODbL-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0 CDLA-Sharing-1.0 OGL-UK-3.0 etalab-2.0 DL-DE-BY-2.0',
  'MPL-2.0 EPL-2.0 EUPL-1.2 MulanPSL-2.0 Artistic-2.0 GFDL-1.3-or-later GFDL-1.2-or-later',
  'GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later AGPL-3.0-only AGPL-3.0-or-later',
  'LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LicenseRef-PublicDomain',
]
const openLicences = new Map(
  open.flatMap((line) => line.split(' ')).map((name): [string, string] => [name.toLowerCase(), name]),
)

/** Ways people write a licence that are not SPDX. */
const aliases: [RegExp, string][] = [
  [/^public[ -]domain\b/i, 'LicenseRef-PublicDomain'],
  [/^(the )?mit( license| licence)?$/i, 'MIT'],
  [/^apache([ -]license)?[ ,-]*(version |v)?2(\.0)?$/i, 'Apache-2.0'],
  [/^cc[ -]?0([ -]1\.0)?$/i, 'CC0-1.0'],
  [/^cc[ -]by[ -](\d\.\d)$/i, 'CC-BY-$1'],
  [/^cc[ -]by[ -]sa[ -](\d\.\d)$/i, 'CC-BY-SA-$1'],
  [/^(gpl|agpl|lgpl)-?(v)?(\d\.\d)$/i, '$1-$3-only'],
]

/**
 * A stated licence as an SPDX expression. Remarks in brackets after a name are dropped ("MIT (texts in the public
 * domain)" is MIT); nothing stated is NOASSERTION; what is not recognised stays as it is, and is later refused.
 */
export function normaliseLicence(stated: string | null | undefined): string {
  const trimmed = (stated ?? '').trim()
  if (trimmed === '') return 'NOASSERTION'
  if (/\s(AND|OR|WITH)\s/.test(trimmed) || trimmed.startsWith('(')) return trimmed
  const name = trimmed.replace(/\s*\([^()]*\)\s*$/, '')
  for (const [pattern, spdx] of aliases)
    if (pattern.test(name)) return canonical(pattern.exec(name)?.[0].replace(pattern, spdx) ?? spdx)
  return canonical(name)
}

function canonical(name: string): string {
  return openLicences.get(name.toLowerCase()) ?? name
}

export interface LicenceRule {
  /** Licences allowed beside the built-in ones, such as `LicenseRef-OurOwnData`. */
  allow?: readonly string[]
}

/** Why a licence may not be trained on, or undefined where it may. Understands AND, OR, WITH and brackets. */
export function licenceObjection(expression: string, rule: LicenceRule = {}): string | undefined {
  const extra = new Set((rule.allow ?? []).map((name) => name.toLowerCase()))
  if (extra.has(expression.toLowerCase())) return undefined
  const reader = new ExpressionReader(expression, (name) => objectionTo(name, extra))
  return reader.read()
}

/** Reads an SPDX expression by descent: OR needs one side without objection, AND both. */
class ExpressionReader {
  #expression: string
  #tokens: string[]
  #at = 0
  #malformed = false
  #judge: (name: string) => string | undefined

  constructor(expression: string, judge: (name: string) => string | undefined) {
    this.#expression = expression
    this.#tokens = expression.match(/\(|\)|[^\s()]+/g) ?? []
    this.#judge = judge
  }

  read(): string | undefined {
    const objection = this.#either()
    if (this.#malformed || this.#at < this.#tokens.length)
      return `"${this.#expression}" is neither a known licence nor an SPDX expression`
    return objection
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== word) return false
    this.#at++
    return true
  }

  #either(): string | undefined {
    let objection = this.#both()
    while (this.#take('OR')) if (this.#both() === undefined) objection = undefined
    return objection
  }

  #both(): string | undefined {
    let objection = this.#term()
    while (this.#take('AND')) {
      const next = this.#term()
      objection ??= next
    }
    return objection
  }

  #term(): string | undefined {
    if (this.#take('(')) {
      const inner = this.#either()
      if (!this.#take(')')) this.#malformed = true
      return inner
    }
    const name = this.#tokens[this.#at++]
    if (name === undefined || /^(AND|OR|WITH|\(|\))$/i.test(name)) {
      this.#malformed = true
      return undefined
    }
    if (this.#take('WITH') && this.#tokens[this.#at++] === undefined) this.#malformed = true
    return this.#judge(name)
  }
}

function objectionTo(name: string, extra: ReadonlySet<string>): string | undefined {
  const lower = name.toLowerCase().replace(/\+$/, '')
  if (extra.has(lower)) return undefined
  if (openLicences.has(lower)) return undefined
  if (/(^|[-_])nc([-_.]|$)|non-?commercial/.test(lower)) return `${name} forbids commercial use`
  if (/(^|[-_])nd([-_.]|$)|no-?deriv/.test(lower)) return `${name} forbids derived works`
  if (/research|academic|evaluation-only/.test(lower)) return `${name} allows research alone`
  if (lower === 'noassertion' || lower === 'none') return 'no licence is stated'
  return `${name} is not a licence known to allow training`
}

/** Data whose licence does not allow training: lists the documents or sources with the reason for each. */
export class LicenceError extends Error {
  override name = 'LicenceError'
  readonly refused: { document: string; licence: string; reason: string }[]

  constructor(refused: { document: string; licence: string; reason: string }[]) {
    const shown = refused.slice(0, 10).map(({ document, reason }) => `${document}: ${reason}`)
    if (refused.length > shown.length) shown.push(`and ${refused.length - shown.length} more`)
    super(
      `data with a licence that does not allow training is refused:\n  ${shown.join('\n  ')}\n` +
        'Remove it, or name a licence you hold under "allow".',
    )
    this.refused = refused
  }
}

/** Throws LicenceError where any of these may not be trained on; `origin` names the document. */
export function assertLicences(
  documents: Iterable<{ licence: string; source: string; origin?: string }>,
  rule: LicenceRule = {},
): void {
  const refused: { document: string; licence: string; reason: string }[] = []
  for (const { licence, source, origin } of documents) {
    const reason = licenceObjection(licence, rule)
    if (reason) refused.push({ document: origin ? `${source}, ${origin}` : source, licence, reason })
  }
  if (refused.length > 0) throw new LicenceError(refused)
}
