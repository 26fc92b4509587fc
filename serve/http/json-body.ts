import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

const utf8 = new TextDecoder('utf-8', { fatal: true })
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]

/** A request's JSON. @throws ApiError for broken UTF-8 or JSON, deep nesting, and keys that reach for prototypes. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  const { depth, objects } = shapeOf(bytes)
  if (depth > limits.jsonDepth) throw new ApiError('json_too_deep', String(limits.jsonDepth))
  if (objects > limits.jsonObjects)
    throw new ApiError(
      'bad_request',
      `The request's JSON holds more than ${limits.jsonObjects} objects. Send fewer at a time.`,
    )
  const text = decode(bytes)
  const value = parse(text)
  if (text.includes('__proto__') || text.includes('\\u')) refuseProto(value)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new ApiError('invalid_json', 'it is not UTF-8')
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') throw new ApiError('invalid_json', 'it is empty')
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)
    throw new ApiError(
      'invalid_json',
      position === null ? 'it ends too early or holds a stray character' : `see character ${position[1]}`,
    )
  }
}

/**
 * Deepest nesting of arrays and objects, and how many objects there are, strings left out. Counted before parsing, in one
 * pass: a megabyte of `{},{},{}` takes a parser many times as long as a megabyte of text.
 */
function shapeOf(bytes: Uint8Array): { depth: number; objects: number } {
  let now = 0
  let depth = 0
  let objects = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === openBrace || byte === openBracket) {
      now++
      if (now > depth) depth = now
      if (byte === openBrace) objects++
    } else if (byte === closeBrace || byte === closeBracket) now--
  }
  return { depth, objects }
}

function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new ApiError('unsafe_key', '__proto__', '__proto__')
  for (const inner of Object.values(value)) refuseProto(inner)
}
