import type { ChatMessage, Document } from '#data/document'
import { normaliseLicence } from '#data/licence'
import { ReadError, readLines } from './readers/lines.ts'
import { type Content, isObject, type Json, RecordProblem, readRecord } from './readers/record.ts'

export { ReadError } from './readers/lines.ts'

/** Words put in place of `{{name}}`: one for all, or one per language of the text around it. */
export type Placeholders = Readonly<Record<string, string | { en: string; zh: string }>>

/** Who the model says it is, in data that leaves it open. */
export const dotlineIdentity: Placeholders = {
  name: 'Dotline',
  author: { en: 'the Dotline authors', zh: '点线作者' },
}

export interface ReadOptions {
  source: string
  /** SPDX expression; a record's own `licence` or `license` field goes before it. */
  licence: string
  /** `auto` takes JSONL where the first line is a JSON object, text otherwise. */
  format?: 'auto' | 'text' | 'jsonl'
  /** Longest line in bytes (default 16 MiB). */
  maxLineBytes?: number
  /** A text file is cut into documents of about this many characters, at an empty line (default 1,000,000). */
  textLength?: number
  placeholders?: Placeholders
  /** Called with each unusable record instead of throwing: the record is skipped. */
  onBadRecord?: (error: ReadError) => void
}

const defaultMaxLineBytes = 16 * 2 ** 20
const defaultTextLength = 1_000_000

/**
 * The documents of a file, one at a time: text, or JSONL with `text`, `messages`, ShareGPT `conversations`, Taskmaster
 * `utterances`, Alpaca `instruction`, `question` and `answer`, `chosen` and `rejected`, ranked outputs, or `ranked` answers
 * with `grades`; each plain or gzip. Throws ReadError naming file and line.
 */
export async function* readDocuments(path: string, options: ReadOptions): AsyncGenerator<Document> {
  const lines = readLines(path, options.maxLineBytes ?? defaultMaxLineBytes)
  const first = await lines.next()
  if (first.done) return
  const all = (async function* () {
    yield first.value
    yield* lines
  })()
  const jsonl = options.format === 'jsonl' || (options.format !== 'text' && looksLikeJson(first.value.text))
  yield* jsonl ? jsonlDocuments(path, all, options) : textDocuments(path, all, options)
}

function looksLikeJson(line: string): boolean {
  return /^\s*\{\s*["}]/.test(line)
}

type Lines = AsyncIterable<{ text: string; number: number }>

async function* jsonlDocuments(path: string, lines: Lines, options: ReadOptions): AsyncGenerator<Document> {
  const file = path.slice(path.lastIndexOf('/') + 1)
  for await (const { text, number } of lines) {
    if (text.trim() === '') continue
    let document: Document | undefined
    try {
      document = documentOf(parseRecord(text), `${file}:${number}`, options)
    } catch (cause) {
      const error = new ReadError(path, number, problemOf(cause), { cause })
      if (!options.onBadRecord) throw error
      options.onBadRecord(error)
    }
    if (document) yield document
  }
}

function problemOf(error: unknown): string {
  if (error instanceof RecordProblem) return error.message
  // V8's answer to a record that is nested deeper than its stack.
  if (error instanceof RangeError) return 'is nested too deeply'
  throw error
}

function parseRecord(line: string): Json {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch (cause) {
    throw new RecordProblem(`is not JSON (${(cause as Error).message})`, { cause })
  }
  if (!isObject(record)) throw new RecordProblem('is not a JSON object')
  return record
}

function documentOf(record: Json, place: string, options: ReadOptions): Document | undefined {
  const content = readRecord(record)
  if (content.messages?.length === 0) return undefined
  const filled = options.placeholders ? fillContent(content, options.placeholders) : content
  const own = record.licence ?? record.license
  const origin = typeof record.source === 'string' && record.source ? `${place} (${record.source})` : place
  const licence = typeof own === 'string' ? normaliseLicence(own) : options.licence
  return { ...filled, source: options.source, licence, origin }
}

function fill(text: string, words: Placeholders): string {
  const language = /[\u3400-\u9fff]/.test(text) ? 'zh' : 'en'
  return text.replace(/\{\{(\w+)\}\}/g, (mark, name: string) => {
    const word = Object.hasOwn(words, name) ? words[name] : mark
    return typeof word === 'string' ? word : word[language]
  })
}

function fillContent(content: Content, words: Placeholders): Content {
  const fillMessages = (messages: ChatMessage[]) =>
    messages.map((message) => ({ ...message, content: fill(message.content, words) }))
  const { text, messages, preference } = content
  return {
    ...(text !== undefined && { text: fill(text, words) }),
    ...(messages && { messages: fillMessages(messages) }),
    ...(preference && {
      preference: {
        ...preference,
        prompt: fillMessages(preference.prompt),
        ranked: preference.ranked.map(fillMessages),
      },
    }),
  }
}

async function* textDocuments(path: string, lines: Lines, options: ReadOptions): AsyncGenerator<Document> {
  const { source, licence, textLength = defaultTextLength } = options
  const file = path.slice(path.lastIndexOf('/') + 1)
  let held: string[] = []
  let length = 0
  let from = 1
  for await (const { text, number } of lines) {
    held.push(text, '\n')
    length += text.length + 1
    // Past the wanted length, the next empty line ends the document; past twice of it, any line does.
    if (length < textLength || (text !== '' && length < 2 * textLength)) continue
    yield { text: held.join(''), source, licence, origin: `${file}:${from}` }
    held = []
    length = 0
    from = number + 1
  }
  if (length > 0) yield { text: held.join(''), source, licence, origin: `${file}:${from}` }
}
