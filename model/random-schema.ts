/** JSON Schemas at random, of every keyword that answers can be held to; for tests and trials. */
import { Random } from './decoding/random.ts'

type Schema = Record<string, unknown>

const words = ['name', 'city', 'größe', '数量', 'a', 'ab', 'abc', 'quo"te', 'back\\slash', 'x y', 'line\nbreak', '']
const patterns = [
  '^[a-z]{2,8}$',
  '^(?:yes|no|maybe)$',
  '[0-9]',
  '^\\d{4}-\\d{2}$',
  '^[^"\\\\]*$',
  '^\\w+( \\w+)*$',
  '^(?!ab)[a-c]+$',
  '^[一-龥]{1,4}$',
  '[aeiou]$',
  '^.{0,5}$',
]
const formats = ['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri']

/** Draws schemas; the same seed gives the same ones. Each can be satisfied. */
export class SchemaSource {
  private readonly random: Random
  private recursive = false

  constructor(seed: number) {
    this.random = new Random(seed)
  }

  next(): Schema {
    this.recursive = this.chance(0.2)
    const root = this.object(3)
    if (this.recursive) root.$defs = { node: this.node() }
    return this.chance(0.8) ? root : this.schema(2)
  }

  /** A list linked by reference. */
  private node(): Schema {
    const next = { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] }
    return {
      type: 'object',
      properties: { value: this.schema(0), next },
      required: ['value', 'next'],
      additionalProperties: false,
    }
  }

  private schema(depth: number): Schema {
    const made = this.kind(depth)
    if (this.chance(0.2)) made.description = 'What "this" is.'
    return made
  }

  private kind(depth: number): Schema {
    const draw = this.random.next()
    if (depth > 0 && draw < 0.2) return this.object(depth)
    if (depth > 0 && draw < 0.35) return this.array(depth)
    if (depth > 0 && draw < 0.45)
      return { anyOf: Array.from({ length: this.whole(1, 3) }, () => this.schema(depth - 1)) }
    if (draw < 0.55) return this.number()
    if (draw < 0.75) return this.string()
    if (draw < 0.85) return this.fixed()
    if (draw < 0.9) return { type: this.some(['string', 'null', 'boolean', 'integer', 'number']) }
    if (draw < 0.93) return {}
    return { type: this.one(['boolean', 'null']) }
  }

  private object(depth: number): Schema {
    const names = this.some(words)
    const properties = Object.fromEntries(names.map((name) => [name, this.schema(depth - 1)]))
    if (this.recursive && depth === 3) properties.list = { $ref: '#/$defs/node' }
    const made: Schema = { type: 'object', properties, required: names.filter(() => this.chance(0.7)) }
    if (this.chance(0.7)) made.additionalProperties = false
    else if (this.chance(0.4)) made.additionalProperties = this.schema(0)
    return made
  }

  private array(depth: number): Schema {
    if (this.chance(0.15)) {
      const prefixItems = [this.schema(0), this.schema(depth - 1)]
      return { type: 'array', prefixItems, items: false, minItems: this.whole(0, 2) }
    }
    const made: Schema = { type: 'array', items: this.schema(depth - 1) }
    if (this.chance(0.5)) made.minItems = this.whole(0, 3)
    if (this.chance(0.6)) made.maxItems = this.whole(3, 6)
    return made
  }

  private number(): Schema {
    const whole = this.chance(0.5)
    const made: Schema = { type: whole ? 'integer' : 'number' }
    const low = whole ? this.whole(-1000, 1000) : (this.random.next() - 0.5) * 10 ** this.whole(-3, 6)
    if (this.chance(0.5)) made[this.one(['minimum', 'exclusiveMinimum'])] = low
    const span = whole ? this.whole(2, 2000) : 10 ** this.whole(-2, 5)
    if (this.chance(0.5)) made[this.one(['maximum', 'exclusiveMaximum'])] = low + span
    return made
  }

  private string(): Schema {
    const draw = this.random.next()
    if (draw < 0.3) return { type: 'string', pattern: this.one(patterns) }
    if (draw < 0.5) return { type: 'string', format: this.one(formats) }
    const made: Schema = { type: 'string' }
    if (this.chance(0.5)) made.minLength = this.whole(0, 5)
    if (this.chance(0.6)) made.maxLength = this.whole(5, 40)
    return made
  }

  private fixed(): Schema {
    const values = ['red', 'grün', '蓝', 'a "b"', 1, -2.5, true, null, { k: [1, 'x'] }, ['y'], '\u0001', '']
    return this.chance(0.3) ? { const: this.one(values) } : { enum: this.some(values) }
  }

  private chance(share: number): boolean {
    return this.random.next() < share
  }

  private whole(low: number, high: number): number {
    return low + Math.floor(this.random.next() * (high - low + 1))
  }

  private one<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)]
  }

  /** A few of them, at least one, each once. */
  private some<T>(list: readonly T[]): T[] {
    const picked = list.filter(() => this.chance(2 / list.length))
    return picked.length > 0 ? picked : [this.one(list)]
  }
}
