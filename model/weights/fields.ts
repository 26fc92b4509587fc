import { ModelFolderError } from './error.ts'
import type { Json, JsonObject } from './json.ts'

/** Reads the fields of one JSON object; each method throws ModelFolderError with the field's name. */
export class Fields {
  readonly file: string
  readonly raw: JsonObject

  constructor(file: string, raw: JsonObject) {
    this.file = file
    this.raw = raw
  }

  fail(field: string, reason: string): never {
    throw new ModelFolderError(this.file, field, reason)
  }

  /** The value, where null counts as absent. */
  get(field: string): Json | undefined {
    return this.raw[field] ?? undefined
  }

  /** A whole number from 1 to `most`. */
  count(field: string, most: number, otherwise?: number): number {
    const value = this.get(field) ?? otherwise
    if (value === undefined) return this.fail(field, 'missing')
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
      return this.fail(field, `${show(value)} is not a whole number from 1 to ${most}`)
    return value
  }

  /** A finite number in [low, high]. */
  number(field: string, low: number, high: number, otherwise?: number): number {
    const value = this.get(field) ?? otherwise
    if (value === undefined) return this.fail(field, 'missing')
    if (typeof value !== 'number' || !(value >= low && value <= high))
      return this.fail(field, `${show(value)} is not a number from ${low} to ${high}`)
    return value
  }

  flag(field: string, otherwise?: boolean): boolean {
    const value = this.get(field) ?? otherwise
    if (typeof value !== 'boolean')
      return this.fail(field, value === undefined ? 'missing' : `${show(value)} is not true or false`)
    return value
  }

  choice<T extends string>(field: string, choices: readonly T[], otherwise?: T): T {
    const value = this.get(field) ?? otherwise
    const found = choices.find((choice) => choice === value)
    return (
      found ??
      this.fail(field, value === undefined ? 'missing' : `${show(value)} is not supported; only ${choices.join(', ')}`)
    )
  }

  /** Refuses the model unless the field is absent, null or `value`. */
  only(field: string, value: Json, why: string): void {
    const found = this.get(field)
    if (found !== undefined && found !== value) this.fail(field, `${show(found)} is not supported: ${why}`)
  }
}

export function show(value: Json | undefined): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}
