import { ApiError } from '#wire/errors'

type Fields = Record<string, unknown>

/**
 * The object of a call's arguments; no text is an empty object. Where the answer was cut, the members that were complete.
 * @throws ApiError `engine_failed` where the text is no object, or, cut, begins none.
 */
export function writtenSoFar(text: string, cut: boolean): Fields {
  if (text.trim() === '') return {}
  const whole = object(text)
  if (whole !== null) return whole
  // Longest first: up to a bracket that opened, a bracket that closed, or a comma, with what is open closed.
  for (const ending of cut ? endings(text).reverse() : []) {
    const found = object(ending)
    if (found !== null) return found
  }
  throw new ApiError('engine_failed', 'The model called a function with arguments that are no JSON object.')
}

function object(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
  } catch {
    return null
  }
}

/** The text cut at each place where its members so far are complete, closed. */
function endings(text: string): string[] {
  const closers: string[] = []
  const found: string[] = []
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (inString) {
      if (character === '\\') at++
      else if (character === '"') inString = false
      continue
    }
    if (character === '"') inString = true
    else if (character === '{') closers.push('}')
    else if (character === '[') closers.push(']')
    else if (character === '}' || character === ']') closers.pop()
    else if (character !== ',') continue
    found.push(text.slice(0, character === ',' ? at : at + 1) + closers.toReversed().join(''))
  }
  return found
}
