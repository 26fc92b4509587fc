import { z } from 'zod'

/**
 * One fault is enough to refuse a body, and zod would list them all: a megabyte of `[0,0,0…]` where messages belong
 * would take it most of a second and end in an overflow of its stack. Lists and records are read up to the first fault.
 */

type Inner = z.core.$ZodType['_zod']
type Parse = Inner['parse']

/** Shorter ones are left to zod: they cannot take long. */
const short = 64

const done = new WeakSet<object>()

/** Changes how a schema reads lists and records, wherever they stand in it. */
export function stopEarly(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null || done.has(schema)) return
  if (Array.isArray(schema)) {
    for (const each of schema) stopEarly(each)
    return
  }
  const plain = Object.getPrototypeOf(schema) === Object.prototype
  if (!plain && !('_zod' in schema)) return
  done.add(schema)
  if (plain) {
    for (const each of Object.values(schema)) stopEarly(each)
    return
  }
  const { _zod: inner } = schema as z.core.$ZodType
  const def = inner.def as z.core.$ZodTypeDef & { getter?: () => unknown; shape?: object }
  if (schema instanceof z.core.$ZodArray) replace(inner, (parse) => arrayOnce(schema, parse))
  if (schema instanceof z.core.$ZodRecord) replace(inner, recordOnce)
  stopEarly(def.getter?.())
  // A shape may be made when it is first asked for.
  stopEarly(def.shape)
  for (const each of Object.values(def)) if (typeof each === 'object') stopEarly(each)
}

/** Where a schema has no checks of its own, zod runs what parses it directly. */
function replace(inner: Inner, make: (parse: Parse) => Parse): void {
  // What zod wraps around a parser to look for circles it takes away again at the second use, and with it what is around it.
  for (let use = 0; use < 2; use++) inner.parse({ value: null, issues: [] }, { async: false })
  const before = inner.parse
  inner.parse = make(before)
  if (inner.run === before) inner.run = inner.parse
}

function arrayOnce(array: z.core.$ZodArray, parse: Parse): Parse {
  const { element, checks = [] } = array._zod.def
  const maximum = checks.map(({ _zod }) => _zod.def).find(isMaximum)?.maximum
  return (payload, context) => {
    const given: unknown = payload.value
    if (!Array.isArray(given) || given.length <= short) return parse(payload, context)
    // That there are too many is said before one of them is looked at.
    if (maximum !== undefined && given.length > maximum) return parse(payload, context)
    const read: unknown[] = []
    for (const [at, value] of given.entries()) {
      const result = element._zod.run({ value, issues: [] }, context)
      if (result instanceof Promise) return parse(payload, context)
      if (result.issues.length > 0) {
        payload.issues.push(...z.core.util.prefixIssues(at, result.issues))
        return payload
      }
      read.push(result.value)
    }
    payload.value = read
    return payload
  }
}

const isMaximum = (def: z.core.$ZodCheckDef): def is z.core.$ZodCheckMaxLengthDef => def.check === 'max_length'

/** Some keys at a time. */
function recordOnce(parse: Parse): Parse {
  return (payload, context) => {
    const given: unknown = payload.value
    if (!z.core.util.isPlainObject(given)) return parse(payload, context)
    const entries = Object.entries(given)
    if (entries.length <= short) return parse(payload, context)
    const read: Record<string, unknown> = {}
    for (let at = 0; at < entries.length; at += short) {
      const part = parse({ value: Object.fromEntries(entries.slice(at, at + short)), issues: [] }, context)
      if (part instanceof Promise) return parse(payload, context)
      if (part.issues.length > 0) {
        payload.issues.push(...part.issues)
        return payload
      }
      Object.assign(read, part.value)
    }
    payload.value = read
    return payload
  }
}
