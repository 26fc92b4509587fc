import type { Schema } from './addresses.ts'

/**
 * JSON as text that is still to be written: beside what JSON.stringify can say, keys that come twice, numbers that no
 * JSON has, and whatever else somebody's own writer may send.
 */
export type Document = { raw: string } | { list: Document[] } | { fields: [key: string, value: Document][] }

export function written(document: Document): string {
  if ('raw' in document) return document.raw
  if ('list' in document) return `[${document.list.map(written).join(',')}]`
  return `{${document.fields.map(([key, value]) => `${key}:${written(value)}`).join(',')}}`
}

export const raw = (value: unknown): Document => ({ raw: JSON.stringify(value) ?? 'null' })

/** What a field of this name is given, so that a body gets beyond the first question whether such a thing is there. */
export type Known = Readonly<Record<string, unknown>>

/** Texts that some pattern or other asks for. */
const fitting = ['a1', 'person:none', 'tokens', 'EUR', 'a@example.org', '0123456789abcdef', '2026-11-24', '10.0.0.0/8']

/** A document that a schema allows, or nearly: what zod asks for beyond its JSON Schema is not known here. */
export function sample(schema: Schema, random: () => number, known: Known, name = '', depth = 0): Document {
  if (Object.hasOwn(known, name) && random() < 0.9) return raw(known[name])
  const inner = (one: Schema) => sample(one, random, known, name, depth + 1)
  if (schema.const !== undefined) return raw(schema.const)
  const choices = schema.enum ?? null
  if (choices !== null) return raw(pick(choices, random))
  const branches = schema.anyOf ?? schema.oneOf ?? null
  // Deep down the last branch is null, or the simplest.
  if (branches !== null) return inner(depth > 8 ? (branches.at(-1) as Schema) : pick(branches, random))
  if (schema.allOf !== undefined) return inner(schema.allOf[0])
  switch (typeof schema.type === 'string' ? schema.type : pick(schema.type ?? ['string'], random)) {
    case 'object':
      return { fields: fieldsOf(schema, random, known, depth) }
    case 'array': {
      const least = schema.minItems ?? 0
      const count = Math.min(schema.maxItems ?? 3, least + Math.floor(random() * 3))
      return { list: Array.from({ length: count }, () => inner(schema.items ?? {})) }
    }
    case 'integer':
      return raw(Math.floor(numberOf(schema, random)))
    case 'number':
      return raw(numberOf(schema, random))
    case 'boolean':
      return raw(random() < 0.5)
    case 'null':
      return raw(null)
    default:
      return raw(textOf(schema, random))
  }
}

function fieldsOf(schema: Schema, random: () => number, known: Known, depth: number): [string, Document][] {
  const { properties = {}, required = [], additionalProperties: more } = schema
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || random() < 0.3)
  const fields = chosen.map(([name, one]): [string, Document] => [
    JSON.stringify(name),
    sample(one, random, known, name, depth + 1),
  ])
  if (typeof more !== 'object' || random() < 0.5) return fields
  return [...fields, ['"more"', sample(more, random, known, 'more', depth + 1)]]
}

function numberOf({ minimum, exclusiveMinimum, maximum }: Schema, random: () => number): number {
  const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1)
  const most = Math.min(maximum ?? least + 10, least + 10)
  return least + random() * (most - least)
}

function textOf({ pattern, minLength = 0 }: Schema, random: () => number): string {
  const own = `t${random().toString(36).slice(2)}`.padEnd(minLength, 'x')
  if (pattern === undefined) return own
  const asked = new RegExp(pattern, 'u')
  return [own, ...fitting].find((text) => asked.test(text)) ?? own
}

export const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)]
