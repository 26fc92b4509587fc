/**
 * JSON read straight from bytes, within limits. JSON.parse keeps the last of two equal keys, has no bound on depth or size,
 * and sets a prototype for "__proto__" on plain objects that are copied; a file from a stranger deserves none of that.
 */

export type Json = null | boolean | number | string | Json[] | JsonObject

/** Has no prototype, so that "__proto__" and "constructor" are keys like any other. */
export interface JsonObject {
  [key: string]: Json
}

export interface JsonLimits {
  depth: number
  /** Elements of one array. */
  items: number
  /** Keys of one object. */
  keys: number
  /** Bytes of all strings together. */
  text: number
  /** Allows non-negative whole numbers without exponent or fraction alone. */
  wholeNumbers: boolean
}

/** The text is not JSON, or exceeds a limit; `message` says what and at which byte. */
export class JsonError extends Error {
  constructor(message: string, at: number) {
    super(`${message} at byte ${at}`)
    this.name = 'JsonError'
  }
}

/** The value that UTF-8 `bytes` spell. Trailing white space is allowed, anything else after the value is not. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): Json {
  const reader = new Reader(bytes, limits)
  const value = reader.value(1)
  reader.end()
  return value
}

/**
 * Hands the members of the object that UTF-8 `bytes` spell to `visit` one by one, so that a caller who rejects or condenses
 * them never holds them all. Members before a syntax error have been visited when it is thrown.
 */
export function visitJsonMembers(
  bytes: Uint8Array,
  limits: JsonLimits,
  visit: (key: string, value: Json) => void,
): void {
  const seen = new Set<string>()
  const reader = new Reader(bytes, limits)
  reader.members(1, seen, (key, value) => {
    seen.add(key)
    visit(key, value)
  })
  reader.end()
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

const anyNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/
const wholeNumber = /^(0|[1-9][0-9]*)$/
const longestNumber = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

class Reader {
  private readonly bytes: Buffer
  private readonly limits: JsonLimits
  private at = 0
  private text = 0

  constructor(bytes: Uint8Array, limits: JsonLimits) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.limits = limits
  }

  value(depth: number): Json {
    if (depth > this.limits.depth) throw new JsonError(`nesting deeper than ${this.limits.depth}`, this.at)
    const byte = this.next()
    if (byte === openBrace) return this.object(depth)
    if (byte === openBracket) return this.array(depth)
    if (byte === quote) return this.string()
    if (byte === 0x74) return this.word('true', true)
    if (byte === 0x66) return this.word('false', false)
    if (byte === 0x6e) return this.word('null', null)
    return this.number()
  }

  end(): void {
    if (!Number.isNaN(this.next())) throw new JsonError('unexpected text after the value', this.at)
  }

  /** The next byte that is not white space, not consumed; NaN at the end. */
  private next(): number {
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at]
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
      this.at++
    }
    return Number.NaN
  }

  private expect(byte: number): void {
    if (this.next() !== byte) throw new JsonError(`expected '${String.fromCharCode(byte)}'`, this.at)
    this.at++
  }

  private object(depth: number): JsonObject {
    const result: JsonObject = Object.create(null)
    const seen = { has: (key: string) => key in result }
    this.members(depth, seen, (key, value) => {
      result[key] = value
    })
    return result
  }

  members(depth: number, seen: { has(key: string): boolean }, visit: (key: string, value: Json) => void): void {
    this.expect(openBrace)
    if (this.next() === closeBrace) {
      this.at++
      return
    }
    for (let count = 1; ; count++) {
      if (count > this.limits.keys) throw new JsonError(`more than ${this.limits.keys} keys`, this.at)
      if (this.next() !== quote) throw new JsonError('expected a key', this.at)
      const start = this.at
      const key = this.string()
      if (seen.has(key)) throw new JsonError(`duplicate key ${JSON.stringify(key.slice(0, 200))}`, start)
      this.expect(colon)
      visit(key, this.value(depth + 1))
      if (this.next() !== comma) break
      this.at++
    }
    this.expect(closeBrace)
  }

  private array(depth: number): Json[] {
    const result: Json[] = []
    this.at++
    if (this.next() === closeBracket) {
      this.at++
      return result
    }
    for (;;) {
      if (result.length === this.limits.items)
        throw new JsonError(`array of more than ${this.limits.items} elements`, this.at)
      result.push(this.value(depth + 1))
      if (this.next() !== comma) break
      this.at++
    }
    this.expect(closeBracket)
    return result
  }

  private string(): string {
    const start = ++this.at
    let ascii = true
    let escaped = false
    for (; ; this.at++) {
      if (this.at >= this.bytes.length) throw new JsonError('unterminated string', start)
      const byte = this.bytes[this.at]
      if (byte === quote) break
      if (byte < 0x20) throw new JsonError('control character in a string', this.at)
      if (byte >= 0x80) ascii = false
      if (byte === backslash) {
        escaped = true
        this.at++
      }
    }
    const end = this.at++
    this.text += end - start
    if (this.text > this.limits.text) throw new JsonError(`more than ${this.limits.text} bytes of strings`, start)
    if (ascii && !escaped) return this.bytes.toString('latin1', start, end)
    return this.decode(start, end, escaped)
  }

  private decode(start: number, end: number, escaped: boolean): string {
    try {
      const raw = utf8.decode(this.bytes.subarray(start, end))
      const text: string = escaped ? JSON.parse(`"${raw}"`) : raw
      if (text.isWellFormed()) return text
    } catch {
      // Both decoders say less about the place than we can.
    }
    throw new JsonError('broken UTF-8 or escape in a string', start)
  }

  private number(): number {
    const start = this.at
    while (this.at < this.bytes.length && isNumberByte(this.bytes[this.at])) this.at++
    if (this.at - start > longestNumber) throw new JsonError('number too long', start)
    const text = this.bytes.toString('latin1', start, this.at)
    if (!(this.limits.wholeNumbers ? wholeNumber : anyNumber).test(text))
      throw new JsonError(
        this.limits.wholeNumbers ? 'expected a value (numbers must be whole)' : 'expected a value',
        start,
      )
    return Number(text)
  }

  private word<T extends null | boolean>(text: string, value: T): T {
    if (this.bytes.toString('latin1', this.at, this.at + text.length) !== text)
      throw new JsonError('expected a value', this.at)
    this.at += text.length
    return value
  }
}

function isNumberByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45
  )
}
