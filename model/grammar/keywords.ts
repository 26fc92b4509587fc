/** What a schema says, before it becomes a rule: which keywords are known, which types it speaks of, where it points. */
import { SchemaError } from './error.ts'

export type JsonObject = Record<string, unknown>
export type Path = readonly (string | number)[]

const jsonTypes = ['null', 'boolean', 'string', 'number', 'integer', 'array', 'object'] as const
export type JsonType = (typeof jsonTypes)[number]

/** Say nothing about what fits. */
const remarks: ReadonlySet<string> = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$schema',
  '$id',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$defs',
  'definitions',
])

/** By the type they speak of; without `type` they imply it. */
const byType: Readonly<Record<string, JsonType>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
}

const standAlone = ['$ref', 'const', 'enum', 'anyOf', 'oneOf', 'allOf'] as const
export type StandAlone = (typeof standAlone)[number]

/** The keyword that decides alone what fits, if there is one, and the others. @throws SchemaError for an unknown one. */
export function known(schema: JsonObject, path: Path): { alone: StandAlone | null; others: string[] } {
  const keywords = Object.keys(schema).filter((keyword) => !remarks.has(keyword))
  for (const keyword of keywords)
    if (keyword !== 'type' && !Object.hasOwn(byType, keyword) && !standAlone.some((each) => each === keyword))
      throw new SchemaError([...path, keyword], `The keyword '${keyword.slice(0, 40)}' is not supported.`)
  const alone = standAlone.find((keyword) => keywords.includes(keyword)) ?? null
  return { alone, others: keywords.filter((keyword) => keyword !== alone) }
}

/** The types that a schema allows: those it names, else those its keywords speak of, else all. */
export function typesOf(schema: JsonObject, path: Path): JsonType[] {
  const { type } = schema
  if (type === undefined) {
    const implied = Object.keys(schema).flatMap((keyword) => (Object.hasOwn(byType, keyword) ? [byType[keyword]] : []))
    // Whole numbers are numbers.
    return implied.length > 0 ? [...new Set(implied)] : jsonTypes.filter((each) => each !== 'integer')
  }
  const named = Array.isArray(type) ? type : [type]
  const wrong = named.find((each) => !jsonTypes.some((one) => one === each))
  if (named.length === 0 || wrong !== undefined)
    throw new SchemaError([...path, 'type'], `'type' must be one or several of ${jsonTypes.join(', ')}.`)
  return [...new Set<JsonType>(named)]
}

/** What `$ref` points at within the document. */
export function pointed(root: unknown, ref: unknown, path: Path): unknown {
  if (typeof ref !== 'string' || !/^#(\/|$)/.test(ref))
    throw new SchemaError(path, "'$ref' must point into the schema itself, as in '#/$defs/name'.")
  let at = root
  for (const part of ref.split('/').slice(1)) {
    const key = unescaped(part)
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key))
      throw new SchemaError(path, `There is nothing at '${ref.slice(0, 80)}'.`)
    at = (at as JsonObject)[key]
  }
  return at
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return part
  }
}

/** Whether no document can fit two of the schemas: they differ in type, or in a required property with fixed values. */
export function apart(schemas: readonly unknown[], root: unknown): boolean {
  const seen = schemas.map((schema) => shown(schema, root))
  return seen.every((one, i) => seen.slice(i + 1).every((other) => differ(one, other)))
}

/** The schema behind references. */
function shown(schema: unknown, root: unknown): JsonObject {
  let at = schema
  for (let hops = 0; hops < 16; hops++) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return {}
    if (!Object.hasOwn(at, '$ref')) return at as JsonObject
    at = pointed(root, (at as JsonObject).$ref, [])
  }
  return {}
}

function differ(one: JsonObject, other: JsonObject): boolean {
  const [values, others] = [fixed(one), fixed(other)]
  if (values !== null && others !== null) return !values.some((value) => others.includes(value))
  const types = [one, other].map((schema) => broad(schema))
  if (!types[0].some((type) => types[1].includes(type))) return true
  const names = [one, other].map(({ required }) => (Array.isArray(required) ? required : []))
  return names[0].some((name) => {
    if (typeof name !== 'string' || !names[1].includes(name)) return false
    const [mine, its] = [one, other].map(({ properties }) =>
      fixed(shown((properties as JsonObject | undefined)?.[name], null)),
    )
    return mine !== null && its !== null && !mine.some((value) => its.includes(value))
  })
}

function broad(schema: JsonObject): JsonType[] {
  if (known(schema, []).alone !== null && schema.type === undefined) return [...jsonTypes]
  return typesOf(schema, []).map((type) => (type === 'integer' ? 'number' : type))
}

function fixed(schema: JsonObject): string[] | null {
  if (Object.hasOwn(schema, 'const')) return [JSON.stringify(schema.const)]
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : null
}
