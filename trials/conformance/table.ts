/** The table of what is supported, as README.md and README.zh-CN.md show it. */
import type { Row } from './row.ts'

export type Language = 'english' | 'chinese'

const heads: Record<Language, readonly string[]> = {
  english: ['endpoint', 'what', '`openai` (npm)', '`ai` (Vercel)', '`openai` (PyPI)', '`curl`'],
  chinese: ['接口', '内容', '`openai`（npm）', '`ai`（Vercel）', '`openai`（PyPI）', '`curl`'],
}

export function tableOf(rows: readonly Row[], language: Language): string {
  const mark = (checked: unknown) => (checked === undefined ? '' : '✓')
  const lines = rows.map(({ endpoint, checks, python, ...row }, at) => [
    rows[at - 1]?.endpoint === endpoint ? '' : `\`${endpoint}\``,
    row[language],
    ...[checks.openai, checks.ai, python, checks.curl].map(mark),
  ])
  const head = heads[language]
  return [head, head.map((_, at) => (at < 2 ? '---' : ':-:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}

const open = '<!-- conformance: npm run trials -- conformance --write -->'
const close = '<!-- /conformance -->'

/** The table that stands in a README; null where it has no place for one. */
export function tableIn(readme: string): string | null {
  const [from, to] = [readme.indexOf(open), readme.indexOf(close)]
  return from < 0 || to < from ? null : readme.slice(from + open.length, to).trim()
}

export function withTable(readme: string, table: string): string {
  if (tableIn(readme) === null)
    throw new RangeError(`there is no place for the table: it stands between ${open} and ${close}`)
  return `${readme.slice(0, readme.indexOf(open) + open.length)}\n\n${table}\n\n${readme.slice(readme.indexOf(close))}`
}
