import { ExamDataError, type Source } from './file.ts'

/** Rows of a CSV file (RFC 4180): quoted cells may hold commas, quotes and line breaks. */
export function csvRows({ path, text }: Source): { cells: string[]; number: number }[] {
  const rows: { cells: string[]; number: number }[] = []
  let [at, line] = [0, 1]
  while (at < text.length) {
    const cells: string[] = []
    const number = line
    for (let more = true; more; ) {
      const cell = text[at] === '"' ? quoted(text, at, path, line) : plain(text, at)
      cells.push(cell.value)
      line += cell.breaks
      more = text[cell.end] === ','
      at = cell.end + 1
      if (!more && text[cell.end] === '\r') at++
    }
    line++
    if (cells.length > 1 || cells[0].trim() !== '') rows.push({ cells, number })
  }
  return rows
}

interface Cell {
  value: string
  /** Where the cell's separator stands. */
  end: number
  breaks: number
}

function plain(text: string, from: number): Cell {
  let end = from
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++
  return { value: text.slice(from, end), end, breaks: 0 }
}

function quoted(text: string, from: number, path: string, line: number): Cell {
  let value = ''
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at)
    if (quote < 0) throw new ExamDataError(path, line, 'a quotation mark is not closed')
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      // What stands between the closing quotation mark and the comma belongs to the cell as it is.
      const rest = plain(text, quote + 1)
      return { value: value + rest.value, end: rest.end, breaks: value.split('\n').length - 1 }
    }
    value += '"'
    at = quote + 2
  }
}

/** Rows of a tab-separated file, in which a quotation mark is a character like any other. */
export function tsvRows({ text }: Source): { cells: string[]; number: number }[] {
  return text
    .split('\n')
    .map((line, i) => ({ cells: (line.endsWith('\r') ? line.slice(0, -1) : line).split('\t'), number: i + 1 }))
    .filter(({ cells }) => cells.length > 1)
}

/** Rows as objects by the names in the first row. */
export function named(rows: { cells: string[]; number: number }[]): { row: Record<string, string>; number: number }[] {
  const [head, ...rest] = rows
  if (!head) return []
  const names = head.cells.map((name) => name.trim())
  return rest.map(({ cells, number }) => ({
    row: Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])),
    number,
  }))
}
