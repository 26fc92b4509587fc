/** JSON Schema → program: documents that fit the schema, their properties in the order in which it names them. */
import { type Automaton, intersect, lengthAutomaton, otherThan } from './automaton.ts'
import { SchemaError } from './error.ts'
import { formats } from './formats.ts'
import { apart, type JsonObject, type JsonType, known, type Path, pointed, typesOf } from './keywords.ts'
import { type Bound, numberRule } from './numbers.ts'
import type { Builder } from './program.ts'
import { regexAutomaton } from './regex.ts'
import { automatonString, freeString } from './strings.ts'
import { arrayRule, objectRule, type Property, whiteSpace } from './structures.ts'

/** How much a schema may ask for. */
export interface SchemaLimits {
  /** Schemas within schemas. */
  depth: number
  /** Properties in all. */
  properties: number
  /** Values of `enum`, in all. */
  enumValues: number
  /** Characters of one `pattern`. */
  patternLength: number
  /** States of a pattern, with its format and its length. */
  patternStates: number
  /** States of the whole. */
  states: number
}

/** Lays the rules of one schema document into a program. */
export class SchemaCompiler {
  private readonly builder: Builder
  private readonly root: unknown
  private readonly limits: SchemaLimits
  private readonly space: number
  private readonly rules = new Map<object, number>()
  private readonly strings = new Map<string, number>()
  private anyRule: number | null = null
  private left: { properties: number; enumValues: number }

  constructor(builder: Builder, root: unknown, limits: SchemaLimits) {
    this.builder = builder
    this.root = root
    this.limits = limits
    this.left = { ...limits }
    this.space = whiteSpace(builder)
  }

  /** The rule of the whole document. @throws SchemaError */
  document(): number {
    return this.rule(this.root, [], 0)
  }

  private rule(schema: unknown, path: Path, depth: number): number {
    if (schema === true) return this.any()
    if (schema === false) return this.builder.split([])
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
      throw new SchemaError(path, 'A schema must be an object, true or false.')
    const before = this.rules.get(schema)
    if (before !== undefined) return before
    if (depth > this.limits.depth)
      throw new SchemaError(path, `Schemas are nested more than ${this.limits.depth} levels deep.`)
    const at = this.builder.reserve()
    this.rules.set(schema, at)
    const made = this.placed(path, () => this.ways(schema as JsonObject, path, depth))
    this.builder.set(at, { kind: 'split', ways: made.map((to) => ({ to })) })
    return at
  }

  /** Errors of the parts, which do not know where they stand, are given their place. */
  private placed<T>(path: Path, work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof SchemaError && error.path.length === 0 && path.length > 0)
        throw new SchemaError(path, error.message)
      throw error
    }
  }

  private ways(schema: JsonObject, path: Path, depth: number): number[] {
    const { alone, others } = known(schema, path)
    if (alone === null) return typesOf(schema, path).map((type) => this.typed(type, schema, path, depth))
    const only = (...more: string[]) => {
      const extra = others.find((keyword) => !more.includes(keyword))
      if (extra !== undefined)
        throw new SchemaError(
          [...path, extra],
          `'${extra}' beside '${alone}' is not supported: move it into the parts.`,
        )
    }
    if (alone === 'enum' || alone === 'const') {
      only('type')
      return [this.literals(schema, alone, path)]
    }
    only()
    if (alone === '$ref') return [this.rule(pointed(this.root, schema.$ref, [...path, '$ref']), path, depth + 1)]
    const parts = schema[alone]
    if (!Array.isArray(parts) || parts.length === 0)
      throw new SchemaError([...path, alone], `'${alone}' must be a list of schemas.`)
    if (alone === 'allOf' && parts.length > 1)
      throw new SchemaError([...path, alone], "'allOf' of several schemas is not supported: write them as one.")
    if (alone === 'oneOf' && !apart(parts, this.root))
      throw new SchemaError(
        [...path, alone],
        "'oneOf' is supported where the alternatives differ in their type or in a required property's const: use 'anyOf'.",
      )
    return parts.map((part, i) => this.rule(part, [...path, alone, i], depth + 1))
  }

  private typed(type: JsonType, schema: JsonObject, path: Path, depth: number): number {
    if (type === 'null') return this.builder.text('null', this.builder.end)
    if (type === 'boolean') return this.builder.split(['true', 'false'].map((text) => this.builder.text(text, 0)))
    if (type === 'string') return this.string(schema, path)
    if (type === 'array') return this.array(schema, path, depth)
    if (type === 'object') return this.object(schema, path, depth)
    return this.number(schema, type === 'integer', path)
  }

  private literals(schema: JsonObject, keyword: 'enum' | 'const', path: Path): number {
    const values = keyword === 'const' ? [schema.const] : schema.enum
    if (!Array.isArray(values) || values.length === 0)
      throw new SchemaError([...path, keyword], "'enum' must be a list of values.")
    this.spend('enumValues', values.length, [...path, keyword])
    const types = schema.type === undefined ? null : typesOf({ type: schema.type }, path)
    const fitting = values.filter((value) => types === null || types.some((type) => isOf(value, type)))
    return this.builder.texts(
      [...new Set(fitting.map((value) => JSON.stringify(value)))].map((text) => ({ text, to: this.builder.end })),
    )
  }

  private number(schema: JsonObject, whole: boolean, path: Path): number {
    const bound = (inclusive: string, exclusive: string, better: (a: number, b: number) => boolean): Bound | null => {
      const given = [inclusive, exclusive].flatMap((keyword): Bound[] => {
        const value = schema[keyword]
        if (value === undefined) return []
        if (typeof value !== 'number') throw new SchemaError([...path, keyword], `'${keyword}' must be a number.`)
        return [{ value, exclusive: keyword === exclusive }]
      })
      return given.reduce<Bound | null>(
        (best, one) => (best === null || !better(best.value, one.value) ? one : best),
        null,
      )
    }
    if (schema.multipleOf !== undefined && !(whole && schema.multipleOf === 1))
      throw new SchemaError([...path, 'multipleOf'], "'multipleOf' is not supported.")
    return numberRule(this.builder, {
      least: bound('minimum', 'exclusiveMinimum', (a, b) => a > b),
      most: bound('maximum', 'exclusiveMaximum', (a, b) => a < b),
      whole,
    })
  }

  private string(schema: JsonObject, path: Path): number {
    const least = this.count(schema, 'minLength', 0, path)
    const most = this.count(schema, 'maxLength', Number.POSITIVE_INFINITY, path)
    if (least > most) return this.builder.split([])
    const { pattern, format } = schema
    return this.once(JSON.stringify([pattern, format, least, most]), () => {
      if (pattern === undefined && format === undefined) return freeString(this.builder, least, most)
      return automatonString(this.builder, this.automaton(schema, least, most, path))
    })
  }

  private automaton(schema: JsonObject, least: number, most: number, path: Path): Automaton {
    const { patternStates, patternLength } = this.limits
    const parts = ['pattern', 'format'].flatMap((keyword) => {
      const value = schema[keyword]
      if (value === undefined) return []
      const source = keyword === 'format' ? formats.get(String(value)) : value
      if (typeof source !== 'string')
        throw new SchemaError(
          [...path, keyword],
          keyword === 'format'
            ? `The format '${String(value).slice(0, 40)}' is not supported; those that are: ${[...formats.keys()].join(', ')}.`
            : "'pattern' must be a string.",
        )
      const limits = { source: keyword === 'format' ? source.length : patternLength, states: patternStates }
      const make = () => regexAutomaton(source, limits)
      return [this.placed([...path, keyword], () => (keyword === 'format' ? remembered(source, make) : make()))]
    })
    if (least > 0 || most < Number.POSITIVE_INFINITY) {
      const keyword = most < Number.POSITIVE_INFINITY ? 'maxLength' : 'minLength'
      if (
        Math.max(least, Math.min(most, least + 1)) >= patternStates ||
        (most < Number.POSITIVE_INFINITY && most >= patternStates)
      )
        throw new SchemaError([...path, keyword], `With a pattern or a format it must be below ${patternStates}.`)
      parts.push(lengthAutomaton(least, most))
    }
    if (parts.length === 1) return parts[0]
    return this.placed(path, () => intersect(parts, [], patternStates))
  }

  private array(schema: JsonObject, path: Path, depth: number): number {
    const least = this.count(schema, 'minItems', 0, path)
    const most = this.count(schema, 'maxItems', Number.POSITIVE_INFINITY, path)
    const { prefixItems, items = true } = schema
    if (prefixItems === undefined) {
      const item = this.rule(items, [...path, 'items'], depth + 1)
      return arrayRule(this.builder, this.space, { first: [], item, least, most })
    }
    if (!Array.isArray(prefixItems)) throw new SchemaError([...path, 'prefixItems'], "'prefixItems' must be a list.")
    // A document without further items fits as well, unless it must have some.
    if (schema.items !== undefined && items !== false)
      throw new SchemaError([...path, 'items'], "'items' beside 'prefixItems' is supported as false alone.")
    const first = prefixItems.map((item, i) => this.rule(item, [...path, 'prefixItems', i], depth + 1))
    return arrayRule(this.builder, this.space, { first, item: null, least, most })
  }

  private object(schema: JsonObject, path: Path, depth: number): number {
    const { properties = {}, required = [], additionalProperties } = schema
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties))
      throw new SchemaError([...path, 'properties'], "'properties' must be an object of schemas.")
    if (!Array.isArray(required) || !required.every((name) => typeof name === 'string'))
      throw new SchemaError([...path, 'required'], "'required' must be a list of names.")
    const declared = Object.entries(properties)
    // Properties beyond those that are named come where the schema asks for them, or names none at all.
    const more = additionalProperties ?? declared.length === 0
    const extra = more === false ? null : this.rule(more, [...path, 'additionalProperties'], depth + 1)
    const undeclared = [...new Set<string>(required)].filter((name) => !Object.hasOwn(properties, name))
    this.spend('properties', declared.length + undeclared.length, [...path, 'properties'])
    const otherwise = () => (additionalProperties === undefined ? this.any() : (extra ?? this.builder.split([])))
    const list: Property[] = [
      ...declared.map(([name, value]) => ({
        name,
        required: required.includes(name),
        value: this.rule(value, [...path, 'properties', name], depth + 1),
      })),
      ...undeclared.map((name) => ({ name, required: true, value: otherwise() })),
    ]
    const key = extra === null ? null : automatonString(this.builder, otherThan(list.map(({ name }) => name)))
    return objectRule(this.builder, this.space, list, extra === null || key === null ? null : { key, value: extra })
  }

  /** Any JSON value. */
  private any(): number {
    if (this.anyRule !== null) return this.anyRule
    const { builder } = this
    this.anyRule = builder.reserve()
    const value = this.anyRule
    const text = this.once('text', () => freeString(builder, 0, Number.POSITIVE_INFINITY))
    const ways = [
      objectRule(builder, this.space, [], { key: text, value }),
      arrayRule(builder, this.space, { first: [], item: value, least: 0, most: Number.POSITIVE_INFINITY }),
      text,
      numberRule(builder, { least: null, most: null, whole: false }),
      ...['true', 'false', 'null'].map((word) => builder.text(word, builder.end)),
    ]
    builder.set(value, { kind: 'split', ways: ways.map((to) => ({ to })) })
    return value
  }

  private once(key: string, make: () => number): number {
    const before = this.strings.get(key)
    if (before !== undefined) return before
    const made = make()
    this.strings.set(key, made)
    return made
  }

  private count(schema: JsonObject, keyword: string, otherwise: number, path: Path): number {
    const value = schema[keyword]
    if (value === undefined) return otherwise
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw new SchemaError([...path, keyword], `'${keyword}' must be a whole number of at least 0.`)
    return value
  }

  private spend(what: 'properties' | 'enumValues', count: number, path: Path): void {
    this.left[what] -= count
    if (this.left[what] >= 0) return
    const named = what === 'properties' ? 'properties' : "values of 'enum'"
    throw new SchemaError(path, `The schema has more than ${this.limits[what]} ${named}.`)
  }
}

const formatAutomata = new Map<string, Automaton>()

/** Formats are few and always the same. */
function remembered(source: string, make: () => Automaton): Automaton {
  const known = formatAutomata.get(source) ?? make()
  formatAutomata.set(source, known)
  return known
}

function isOf(value: unknown, type: JsonType): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}
