/** What both descriptions say of the same address, part by part. */
import { compare } from './compare.ts'
import { type Comparison, merge, nothing } from './findings.ts'
import { type Document, resolve, type Schema } from './shapes.ts'

interface Content {
  schema?: Schema
}
interface Parameter {
  name: string
  in: string
  required?: boolean
  schema?: Schema
  description?: string
}
interface Operation {
  requestBody?: { content?: Record<string, Content> }
  responses?: Record<string, { content?: Record<string, Content> }>
  parameters?: Parameter[]
}

const form = 'multipart/form-data'
const json = 'application/json'
const events = 'text/event-stream'
const alike = (path: string) => path.replace(/^\/v1/, '').replace(/\{[^}]+\}/g, '{}')

export interface Result extends Comparison {
  /** `POST /files`. */
  operation: string
}

/** Compares each operation that both descriptions have. */
export function compareOperations(ours: Document, theirs: Document): Result[] {
  const known = new Map(Object.keys(theirs.paths).map((path) => [alike(path), path]))
  return Object.entries(ours.paths).flatMap(([path, methods]) => {
    const there = path.startsWith('/v1/') ? known.get(alike(path)) : undefined
    if (there === undefined) return []
    return Object.keys(methods).flatMap((method) => {
      const [mine, other] = [methods[method], theirs.paths[there][method]] as (Operation | undefined)[]
      if (mine === undefined || other === undefined) return []
      const operation = `${method.toUpperCase()} ${there}`
      return [{ operation, ...operationOf(operation, mine, other, ours, theirs) }]
    })
  })
}

function operationOf(name: string, mine: Operation, other: Operation, ours: Document, theirs: Document): Comparison {
  const found = nothing()
  const add = (left: Schema | null, right: Schema | null, direction: 'request' | 'reply', at: string) => {
    if (left === null && right === null) return
    if (left === null || right === null) {
      found.differences.push({ at: `${name} ${at}`, what: left === null ? 'is theirs alone' : 'is ours alone' })
      return
    }
    const [one, other] = [left, right].map((schema, at) => ({ schema, document: at === 0 ? ours : theirs }))
    merge(found, compare(one, other, direction, `${name} ${at}`))
  }
  add(bodyOf(mine), bodyOf(other), 'request', 'request')
  add(queryOf(mine, ours), queryOf(other, theirs), 'request', 'query')
  add(replyOf(mine, json), replyOf(other, json), 'reply', 'reply')
  const streamed = replyOf(mine, events)
  if (streamed !== null) add(streamed, replyOf(other, events) ?? eventsOf(theirs, name), 'reply', 'event')
  return found
}

/** Events that are described elsewhere: where the same is made, or, for /completions, as the form of the whole reply. */
function eventsOf(theirs: Document, operation: string): Schema | null {
  const made = theirs.paths[/\/[^/]+/.exec(operation)?.[0] ?? '']?.post as Operation | undefined
  return made === undefined ? null : (replyOf(made, events) ?? replyOf(made, json))
}

function bodyOf({ requestBody }: Operation): Schema | null {
  const { content } = requestBody ?? {}
  return content?.[json]?.schema ?? content?.[form]?.schema ?? null
}

function replyOf({ responses }: Operation, type: string): Schema | null {
  const [, reply] = Object.entries(responses ?? {}).find(([status]) => /^2/.test(status)) ?? []
  return reply?.content?.[type]?.schema ?? null
}

/** Parameters of an address's query as the fields of one object; null where there are none. */
function queryOf({ parameters = [] }: Operation, document: Document): Schema | null {
  const all = parameters
    .map((each) => resolve(each as Schema, document) as unknown as Parameter)
    .filter((each) => each.in === 'query')
  if (all.length === 0) return null
  const properties: Record<string, Schema> = Object.fromEntries(
    all.map(({ name, schema = {}, description }) => [name.replace(/\[\]$/, ''), textual({ description, ...schema })]),
  )
  const required = all.filter((each) => each.required === true).map(({ name }) => name)
  return { type: 'object', properties, required, additionalProperties: false }
}

/** In an address everything is text: what our schemas call a text of digits, or `true` or `false`, is no other thing. */
function textual(schema: Schema & { pattern?: string }): Schema {
  if (schema.type !== 'string') return schema
  if (schema.pattern?.startsWith('^\\d{')) return { type: 'integer' }
  return schema.enum?.every((value) => value === 'true' || value === 'false') ? { type: 'boolean' } : schema
}
