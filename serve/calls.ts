import { randomBytes } from 'node:crypto'
import type { CallPiece, EngineEvent, EngineToken } from '#serve/engine'

/** Finds calls in what a model writes: JSON between marks becomes call pieces, all else stays text. */

export interface CallMarks {
  open: string
  close: string
}

export type AnswerPiece = { text: string } | { call: CallPiece }

/** Longest that what stands before a call's arguments may be; a call that hides them is read when it is complete. */
const longestHead = 1024
const longestCall = 1 << 20
const head = /^\s*\{\s*"name"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=\{)/s

/** Reads one answer as it is written. What may become a mark, and white space before it, is held back. */
export class CallReader {
  readonly #marks: CallMarks
  #state: 'text' | 'head' | 'arguments' | 'tail' = 'text'
  #held = ''
  #call: Omit<CallPiece, 'arguments'> | null = null
  #scan = new ObjectScan()
  #calls = 0

  constructor(marks: CallMarks) {
    this.#marks = marks
  }

  /** Calls that were begun. */
  get calls(): number {
    return this.#calls
  }

  push(text: string): AnswerPiece[] {
    this.#held += text
    const pieces: AnswerPiece[] = []
    while (this.#advance(pieces));
    return pieces
  }

  /** The rest, once nothing more comes: a call that was not begun in earnest is text. */
  finish(): AnswerPiece[] {
    const rest = this.#state === 'head' ? this.#marks.open + this.#held : this.#held
    this.#held = ''
    if (this.#state === 'text' && this.#calls > 0 && rest.trim() === '') return []
    return (this.#state === 'text' || this.#state === 'head') && rest !== '' ? [{ text: rest }] : []
  }

  /** Takes what is certain from what is held; false where more must come first. */
  #advance(pieces: AnswerPiece[]): boolean {
    if (this.#state === 'text') return this.#readText(pieces)
    if (this.#state === 'head') return this.#readHead(pieces)
    if (this.#state === 'arguments') return this.#readArguments(pieces)
    const end = this.#held.indexOf(this.#marks.close)
    if (end < 0) return false
    this.#held = this.#held.slice(end + this.#marks.close.length)
    this.#state = 'text'
    return true
  }

  #readText(pieces: AnswerPiece[]): boolean {
    const { open } = this.#marks
    const found = this.#held.indexOf(open)
    const sure = found >= 0 ? found : this.#held.length - overhang(this.#held, open)
    const text = this.#held.slice(0, sure).trimEnd()
    // White space after a call and before the next one is no answer.
    const said = this.#calls > 0 && text === '' ? '' : text
    if (said !== '') pieces.push({ text: said })
    if (found < 0) {
      this.#held = this.#held.slice(text.length)
      return false
    }
    this.#held = this.#held.slice(found + open.length)
    this.#state = 'head'
    return true
  }

  #readHead(pieces: AnswerPiece[]): boolean {
    const found = head.exec(this.#held.slice(0, longestHead))
    const name = found === null ? null : parsedString(found[1])
    if (found !== null && name !== null) {
      this.#begin(name, pieces)
      this.#held = this.#held.slice(found[0].length)
      this.#state = 'arguments'
      return true
    }
    const end = this.#held.indexOf(this.#marks.close)
    if (end < 0 && this.#held.length < longestCall) return false
    const whole = end < 0 ? this.#held : this.#held.slice(0, end)
    this.#readWhole(whole, end >= 0, pieces)
    this.#held = end < 0 ? '' : this.#held.slice(end + this.#marks.close.length)
    this.#state = 'text'
    return true
  }

  /** A call whose JSON has another order or form; what is no call after all is text. */
  #readWhole(json: string, closed: boolean, pieces: AnswerPiece[]): void {
    const { open, close } = this.#marks
    const call = closed ? parsedCall(json) : null
    if (call === null) {
      pieces.push({ text: open + json + (closed ? close : '') })
      return
    }
    const begun = this.#begin(call.name, pieces)
    pieces.push({ call: { ...begun, arguments: call.arguments } })
  }

  #readArguments(pieces: AnswerPiece[]): boolean {
    const taken = this.#scan.read(this.#held)
    if (taken > 0 && this.#call !== null)
      pieces.push({ call: { ...this.#call, arguments: this.#held.slice(0, taken) } })
    this.#held = this.#held.slice(taken)
    if (!this.#scan.ended) return false
    this.#state = 'tail'
    return true
  }

  #begin(name: string, pieces: AnswerPiece[]): Omit<CallPiece, 'arguments'> {
    const begun = { number: this.#calls++, id: `call_${randomBytes(18).toString('base64url')}`, name }
    this.#call = begun
    this.#scan = new ObjectScan()
    pieces.push({ call: { ...begun, arguments: '' } })
    return begun
  }
}

/** Follows one JSON object to its last brace. */
class ObjectScan {
  ended = false
  #depth = 0
  #inString = false
  #escaped = false

  /** How much of the text belongs to the object. */
  read(text: string): number {
    for (let at = 0; at < text.length; at++) {
      const character = text[at]
      if (this.#escaped) this.#escaped = false
      else if (this.#inString) {
        if (character === '\\') this.#escaped = true
        else if (character === '"') this.#inString = false
      } else if (character === '"') this.#inString = true
      else if (character === '{' || character === '[') this.#depth++
      else if ((character === '}' || character === ']') && --this.#depth === 0) {
        this.ended = true
        return at + 1
      }
    }
    return text.length
  }
}

/** Length of the end of the text that may belong to a mark: its beginning, and white space before that. */
function overhang(text: string, mark: string): number {
  let size = Math.min(mark.length - 1, text.length)
  while (size > 0 && !mark.startsWith(text.slice(text.length - size))) size--
  return size
}

function parsedString(inner: string): string | null {
  try {
    return JSON.parse(`"${inner}"`) as string
  } catch {
    return null
  }
}

function parsedCall(json: string): { name: string; arguments: string } | null {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { name, arguments: given, parameters } = value as Record<string, unknown>
  if (typeof name !== 'string') return null
  const found = given ?? parameters ?? {}
  return { name, arguments: typeof found === 'string' ? found : JSON.stringify(found) }
}

/** The events of an answer with its calls found; an answer that called ends for that reason. */
export async function* withCalls(events: AsyncIterable<EngineEvent>, marks: CallMarks): AsyncGenerator<EngineEvent> {
  const readers = new Map<number, CallReader>()
  for await (const event of events) {
    if (event.type === 'start') {
      yield event
      continue
    }
    const reader = readers.get(event.choice) ?? new CallReader(marks)
    readers.set(event.choice, reader)
    const pieces = reader.push(event.text)
    if (event.type === 'token') {
      yield* tokens(event, pieces)
      continue
    }
    pieces.push(...reader.finish())
    for (const piece of pieces) if ('call' in piece) yield { ...bare(event.choice), call: piece.call }
    const text = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('')
    const called = reader.calls > 0 && event.finishReason === 'stop'
    yield { ...event, text, finishReason: called ? 'tool_calls' : event.finishReason }
  }
}

const bare = (choice: number): EngineToken => ({ type: 'token', choice, text: '', logprob: null, top: [] })

/** What one token turned out to be; its log-probability goes with its text, or with nothing where it is held back. */
function tokens(event: EngineToken, pieces: readonly AnswerPiece[]): EngineToken[] {
  const calls = pieces.flatMap((piece) => ('call' in piece ? [{ ...bare(event.choice), call: piece.call }] : []))
  const text = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('')
  return text === '' && calls.length > 0 ? calls : [{ ...event, text }, ...calls]
}
