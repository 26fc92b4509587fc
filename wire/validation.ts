import type { z } from 'zod'
import { ApiError, type ErrorCode } from './errors.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const longestName = 80

/** `messages[0].content`, the way OpenAI's errors name a field; null for the whole body. */
export function fieldName(path: Path): string | null {
  let name = ''
  for (const part of path)
    name += typeof part === 'number' ? `[${part}]` : `${name === '' ? '' : '.'}${part === '' ? '""' : String(part)}`
  if (name === '') return null
  return name.length > longestName ? `${name.slice(0, longestName)}…` : name
}

/** The first thing wrong with `body` according to a schema's issues, as an error of the catalogue. */
export function validationError(issues: readonly Issue[], body: unknown): ApiError {
  const [issue, path] = pick(issues, [])
  if (issue.code === 'unrecognized_keys') {
    const field = fieldName([...path, issue.keys[0]])
    return new ApiError('unknown_parameter', field ?? '', field)
  }
  const field = fieldName(path)
  if (issue.code === 'custom' && issue.params?.code !== undefined)
    return new ApiError(issue.params.code as ErrorCode, issue.message, field)
  if (field === null) return new ApiError('invalid_type', "The request's body must be a JSON object.")
  if (valueAt(body, path) === undefined) return new ApiError('missing_required_parameter', field, field)
  const wrongType = issue.code === 'invalid_type' || (issue.code === 'invalid_union' && issue.errors.length > 0)
  const code = wrongType ? 'invalid_type' : 'invalid_value'
  return new ApiError(code, `Invalid '${field}': ${sentence(issue.message)}`, field)
}

/** The issue to show; inside a union, the branch that the value came closest to (the one that failed deepest). */
function pick(issues: readonly Issue[], parent: Path): [Issue, Path] {
  const issue = issues[0]
  const path = [...parent, ...issue.path]
  if (issue.code === 'invalid_key') return [issue.issues[0], path]
  if (issue.code !== 'invalid_union') return [issue, path]
  let best: [Issue, Path] = [issue, path]
  for (const branch of issue.errors) {
    if (branch.length === 0) continue
    const candidate = pick(branch, path)
    if (candidate[1].length > best[1].length || candidate[0].code === 'unrecognized_keys') best = candidate
    else if (best[0] === issue && candidate[0].code !== 'invalid_type') best = candidate
  }
  return best
}

function valueAt(body: unknown, path: Path): unknown {
  let value = body
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<PropertyKey, unknown>)[part]
  }
  return value
}

function sentence(message: string): string {
  const text = message.replace(/^(Invalid input|Too big|Too small|Invalid string|Invalid option): /, '')
  const plain = text
    .replace(/^expected int\b/, 'expected an integer')
    .replaceAll('>=', 'at least ')
    .replaceAll('<=', 'at most ')
  return plain.endsWith('.') ? plain : `${plain}.`
}
