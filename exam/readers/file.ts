import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { z } from 'zod'

/** A file of exam data that cannot be read as its format says. */
export class ExamDataError extends Error {
  override name = 'ExamDataError'

  constructor(path: string, line: number, problem: string, options?: ErrorOptions) {
    super(`${path}${line > 0 ? `, line ${line}` : ''}: ${problem}`, options)
  }
}

/** A file in memory: exams are small, and readers may look at all of it. */
export interface Source {
  path: string
  text: string
  /** A task's words for labels; their order is that of the options. */
  labels?: Readonly<Record<string, string>>
  /** Characters of text read together. */
  window?: number
}

/** The most that a file may hold, unpacked. */
const mostBytes = 512 * 2 ** 20

/** The text of a file; gzip is recognised by its first bytes, and a byte order mark goes. */
export function unpack(path: string): string {
  const raw = readFileSync(path)
  let bytes: Uint8Array = raw
  if (raw[0] === 0x1f && raw[1] === 0x8b) {
    try {
      bytes = gunzipSync(raw, { maxOutputLength: mostBytes })
    } catch (cause) {
      throw new ExamDataError(path, 0, `cannot be unpacked, or holds more than ${mostBytes} bytes`, { cause })
    }
  }
  return new TextDecoder('utf-8').decode(bytes)
}

/** The lines that hold something, with their numbers from 1. */
export function linesOf(text: string): { text: string; number: number }[] {
  return text
    .split('\n')
    .map((line, i) => ({ text: line.endsWith('\r') ? line.slice(0, -1) : line, number: i + 1 }))
    .filter((line) => line.text.trim() !== '')
}

/** JSONL, each line of a form. */
export function records<T extends z.ZodType>(source: Source, schema: T): { value: z.infer<T>; number: number }[] {
  return linesOf(source.text).map(({ text, number }) => {
    let raw: unknown
    try {
      raw = JSON.parse(text)
    } catch (cause) {
      throw new ExamDataError(source.path, number, 'is not JSON', { cause })
    }
    return { value: checked(source, number, raw, schema), number }
  })
}

export function checked<T extends z.ZodType>(source: Source, line: number, raw: unknown, schema: T): z.infer<T> {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ExamDataError(source.path, line, `${issue.path.join('.') || 'the line'}: ${issue.message}`)
}

/** The subject that a file's name says: `college_biology_test.csv` is about college_biology. */
export const subjectOf = ({ path }: Source): string =>
  basename(path)
    .replace(/(\.(csv|tsv|jsonl?|txt|gz))+$/, '')
    .replace(/[_-](test|dev|val|train)$/, '')
