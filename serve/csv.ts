import type { AuditEntry } from '#store/audit'

/**
 * Rows as CSV (RFC 4180). A text that a spreadsheet would take for a formula begins with an apostrophe, as OWASP
 * advises; numbers stay numbers, the negative ones too.
 */
export function csv(
  head: readonly string[],
  rows: readonly (readonly (string | number | bigint | boolean | null)[])[],
): string {
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string | number | bigint | boolean | null): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const safe = /^[\s]*[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** The audit log as a table, with the links of its chain. */
export const auditTable = (entries: readonly AuditEntry[]): string =>
  csv(
    ['seq', 'at', 'actor', 'action', 'target', 'detail', 'hash'],
    entries.map(({ seq, at, actor, action, target, detail, hash }) => [
      seq,
      new Date(at).toISOString(),
      actor,
      action,
      target,
      JSON.stringify(detail),
      hash,
    ]),
  )
