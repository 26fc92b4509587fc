import { TokenizerError } from './error.ts'

export type Json = Record<string, unknown>

/** An own property, so that `__proto__` and inherited names in a file mean nothing. */
export const own = (object: Json, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)

export function asObject(value: unknown, field: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TokenizerError(field, 'must be an object')
  }
  return value as Json
}
