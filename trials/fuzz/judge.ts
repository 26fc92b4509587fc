import { FormError, judge as judgeForm } from '../conformance/judge.ts'
import type { Reply } from './client.ts'

/** Codes that speak of one field. */
const ofField: ReadonlySet<string> = new Set([
  'missing_required_parameter',
  'unknown_parameter',
  'invalid_type',
  'invalid_value',
  'unsupported_parameter',
  'unsupported_value',
  'unsafe_key',
])
/** A refusal that is longer says back what was sent. */
const longestRefusal = 4096

interface Told {
  error?: { message?: unknown; type?: unknown; param?: unknown; code?: unknown }
}

/** What is wrong with the reply to a body that may have been anything; null where nothing is. */
export function faultOf(
  path: string,
  method: string,
  bytes: Buffer,
  { status, text, contentType, error }: Reply,
): string | null {
  if (status === null || error !== '') return `no whole reply: ${error}`
  if (status >= 500) return `${status} ${text.slice(0, 300)}`
  try {
    if (status >= 400) return faultOfRefusal(path, bytes, text)
    return faultOfAnswer({ path, method, status, contentType, text })
  } catch (failure) {
    return `${status}, and not in form: ${failure instanceof Error ? failure.message.slice(0, 300) : failure}`
  }
}

function faultOfRefusal(path: string, bytes: Buffer, text: string): string | null {
  if (text.length > longestRefusal) return `a refusal of ${text.length} characters: ${text.slice(0, 300)}`
  const { error = {} } = JSON.parse(text) as Told
  if (typeof error.message !== 'string' || error.message === '') return `a refusal without words: ${text}`
  if (typeof error.type !== 'string') return `a refusal without a type: ${text}`
  // Anthropic's form has no field for it: the message names it.
  if (/^\/v1\/messages/.test(path)) return null
  const { code, param } = error
  if (typeof code !== 'string' || param === undefined) return `a refusal that is not in form: ${text}`
  if (param !== null && (typeof param !== 'string' || param === '')) return `a refusal with an odd param: ${text}`
  if (param === null && ofField.has(code) && isObject(bytes)) return `a refusal that names no field: ${text}`
  return null
}

function isObject(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** At /infill a request may name the fields that it wants. */
const known = /^\/v1\/(chat\/completions|completions|messages|responses|embeddings|files|batches)(\/|$)/

function faultOfAnswer(spoken: Parameters<typeof judgeForm>[0]): string | null {
  const { text, contentType, path } = spoken
  if (contentType.startsWith('application/json')) JSON.parse(text)
  try {
    if (known.test(path) && !/\/(input_tokens|cancel|[^/]+\/messages)$/.test(path)) judgeForm(spoken)
    return null
  } catch (failure) {
    if (failure instanceof FormError) return `an answer that is not in form: ${failure.message.slice(0, 400)}`
    throw failure
  }
}
