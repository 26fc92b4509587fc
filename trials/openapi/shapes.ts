/** JSON Schemas as OpenAPI descriptions write them, brought to one shape: a list of alternatives, each of one type. */

export interface Schema {
  $ref?: string
  type?: string | string[]
  nullable?: boolean
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  not?: Schema
  description?: string
  format?: string
}

export interface Document {
  paths: Record<string, Record<string, unknown>>
  components?: { schemas?: Record<string, Schema> }
}

export interface Alternative {
  /** `any` where nothing is said. */
  type: string
  /** The only values that it can have. */
  values: unknown[] | null
  properties: Record<string, Schema>
  required: ReadonlySet<string>
  /** What other fields hold: false where there are none. */
  others: boolean | Schema
  items: Schema | null
  description: string
}

/** The description refers to something that it does not hold, or to itself. */
export class DescriptionError extends Error {
  override name = 'DescriptionError'
}

/** Follows `$ref`s to where they lead. */
export function resolve(schema: Schema, document: Document): Schema {
  let found = schema
  for (let steps = 0; found.$ref !== undefined; steps++) {
    let at: unknown = document
    for (const part of found.$ref.replace(/^#\//, '').split('/'))
      at = (at as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
    if (typeof at !== 'object' || at === null || steps > 32)
      throw new DescriptionError(`'${found.$ref}' leads nowhere in the description`)
    found = at as Schema
  }
  return found
}

/** What a value may be, one type each. */
export function alternatives(given: Schema, document: Document): Alternative[] {
  const schema = resolve(given, document)
  const parts: Alternative[][] = [own(schema)]
  for (const part of schema.allOf ?? []) parts.push(alternatives(part, document))
  for (const choice of [schema.anyOf, schema.oneOf])
    if (choice !== undefined) parts.push(choice.flatMap((each) => alternatives(each, document)))
  const all = parts.reduce((left, right) => left.flatMap((one) => right.flatMap((other) => both(one, other))))
  if (schema.nullable !== true || all.some(({ type }) => type === 'null')) return all
  return [...all, { ...plain, type: 'null' }]
}

const plain: Alternative = {
  type: 'any',
  values: null,
  properties: {},
  required: new Set(),
  others: true,
  items: null,
  description: '',
}

/** What a schema says itself, its `allOf`, `anyOf` and `oneOf` left aside. */
function own(schema: Schema): Alternative[] {
  if (schema.not !== undefined && Object.keys(schema.not).length === 0) return []
  const values = schema.enum ?? ('const' in schema ? [schema.const] : null)
  const said = schema.type === undefined ? implied(schema, values) : [schema.type].flat()
  return said.map((type) => ({
    type,
    values: type === 'null' || values === null ? null : values.filter((value) => fits(value, type)),
    properties: schema.properties ?? {},
    required: new Set(schema.required),
    others: schema.additionalProperties ?? true,
    items: schema.items ?? null,
    description: schema.description ?? '',
  }))
}

function implied(schema: Schema, values: unknown[] | null): string[] {
  if (values !== null) return [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))]
  if (schema.properties !== undefined) return ['object']
  return [schema.items === undefined ? 'any' : 'array']
}

function fits(value: unknown, type: string): boolean {
  if (type === 'any') return true
  if (type === 'integer') return Number.isInteger(value)
  return (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value) === type
}

/** What is both, where there is such a thing. */
function both(one: Alternative, other: Alternative): Alternative[] {
  const type = narrower(one.type, other.type)
  if (type === null) return []
  const values =
    one.values === null || other.values === null
      ? (one.values ?? other.values)
      : one.values.filter((value) => other.values?.includes(value))
  return [
    {
      type,
      values,
      properties: { ...one.properties, ...other.properties },
      required: new Set([...one.required, ...other.required]),
      others: one.others === true ? other.others : one.others,
      items: other.items ?? one.items,
      description: one.description || other.description,
    },
  ]
}

function narrower(one: string, other: string): string | null {
  if (one === other || other === 'any') return one
  if (one === 'any') return other
  return [one, other].every((type) => type === 'integer' || type === 'number') ? 'integer' : null
}
