import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

const utf8 = new TextDecoder('utf-8', { fatal: true })
const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]

/** A request's JSON. @throws ApiError for broken UTF-8 or JSON, deep nesting, and keys that reach for prototypes. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  if (depth(bytes) > limits.jsonDepth) throw new ApiError('json_too_deep', String(limits.jsonDepth))
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

/** Deepest nesting of arrays and objects, strings left out. Counted before parsing, in one pass. */
function depth(bytes: Uint8Array): number {
  let now = 0
  let most = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === backslash) at++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === openBrace || byte === openBracket) most = Math.max(most, ++now)
    else if (byte === closeBrace || byte === closeBracket) now--
  }
  return most
}

function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new ApiError('unsafe_key', '__proto__', '__proto__')
  for (const inner of Object.values(value)) refuseProto(inner)
}
