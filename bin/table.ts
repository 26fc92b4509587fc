/** Cells a character takes on a terminal: two for Chinese, Japanese and Korean ones. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, c) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(c) ? 2 : 1),
    0,
  )

/** Rows as aligned columns, the first row as their heading; `right` names the columns that end flush. */
export function table(rows: readonly (readonly string[])[], { right = [] as readonly number[] } = {}): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => width(row[column]))))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column] - width(cell))
        return right.includes(column) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((w) => '─'.repeat(w)).join('  ')
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n')
}
