/** Languages that an answer can be held to, token by token: JSON that fits a schema, and calls of functions. */
import type { Constraint } from './decoding.ts'
import { SchemaError } from './grammar/error.ts'
import { TokenLanguage } from './grammar/masks.ts'
import { Builder, type Program } from './grammar/program.ts'
import { SchemaCompiler, type SchemaLimits } from './grammar/schema.ts'
import { Vocabulary, type VocabularySource } from './grammar/vocabulary.ts'

export { SchemaError, type SchemaLimits, TokenLanguage, Vocabulary, type VocabularySource }

/** Documents that fit a JSON Schema; `true` is any JSON. @throws SchemaError that names what is not supported. */
export function jsonProgram(schema: unknown, limits: SchemaLimits): Program {
  const builder = new Builder(limits.states)
  return builder.finish(new SchemaCompiler(builder, schema, limits).document())
}

/** A JSON object, whatever is in it. */
export const anyObject: Readonly<Record<string, unknown>> = { type: 'object' }

export interface CallableFunction {
  name: string
  /** JSON Schema of the arguments. */
  parameters: unknown
  /** Where the schema stands in the request, for errors. */
  path: readonly (string | number)[]
}

export interface CallForm {
  /** Begins a call, and what stands between that and the call's JSON. */
  mark: string
  lead: string
  /** Ends a call. */
  close: string
  /** Between two calls. */
  between: string
  /** What the JSON's two keys are called. */
  nameKey: string
  argumentsKey: string
}

export interface CallOptions {
  /** Calls in one text. */
  most: number
  /** The first call's mark has been written. */
  opened: boolean
  /** What may stand instead of calls. */
  document?: { schema: unknown; path: readonly (string | number)[] }
}

/** Calls of these functions, at least one, each with arguments that fit its schema. @throws SchemaError */
export function callProgram(
  functions: readonly CallableFunction[],
  form: CallForm,
  { most, opened, document }: CallOptions,
  limits: SchemaLimits,
): Program {
  const builder = new Builder(limits.states)
  const start = builder.reserve()
  const more = builder.text(form.between + form.mark + form.lead, start)
  const after = builder.split([builder.end, { to: more, below: most }])
  const tail = builder.text(`}${form.close}`, after)
  const ways = functions.map(({ name, parameters, path }) => {
    const rule = inPlace(path, () => new SchemaCompiler(builder, parameters, limits).document())
    const head = `{"${form.nameKey}": ${JSON.stringify(name)}, "${form.argumentsKey}": `
    return { text: head, to: builder.call(rule, tail, most) }
  })
  builder.set(start, { kind: 'split', ways: [{ to: builder.texts(ways) }] })
  const calls = builder.text(opened ? form.lead : form.mark + form.lead, start)
  if (document === undefined) return builder.finish(calls)
  const { schema, path } = document
  return builder.finish(
    builder.split([calls, inPlace(path, () => new SchemaCompiler(builder, schema, limits).document())]),
  )
}

function inPlace<T>(path: readonly (string | number)[], work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof SchemaError) throw new SchemaError([...path, ...error.path], error.message)
    throw error
  }
}

/** Leaves an answer free until `trigger` has been written, holds what follows to a language until it is complete, and so on. */
export class TriggeredConstraint implements Constraint {
  private readonly language: TokenLanguage
  private readonly trigger: Uint8Array
  private readonly repeats: boolean
  private held: ReturnType<TokenLanguage['constraint']> | null = null
  /** The latest bytes, one less than the trigger has. */
  private tail: readonly number[] = []
  private over = false

  /** @param repeats whether the answer goes on freely after a complete document; else it ends there. */
  constructor(language: TokenLanguage, trigger: string, repeats: boolean) {
    this.language = language
    this.trigger = new TextEncoder().encode(trigger)
    this.repeats = repeats
  }

  get ended(): boolean {
    return this.over
  }

  allows(id: number): boolean {
    return this.held === null || this.held.allows(id)
  }

  mask(logits: Float32Array): void {
    // An answer does not end in the middle of a call, so that no end is let through here.
    this.held?.mask(logits, [])
  }

  accept(id: number): void {
    if (this.held !== null) this.held.accept(id)
    else this.look(this.language.vocabulary.textOf(id))
    if (this.held?.ended !== true) return
    this.held = null
    this.tail = []
    this.over = !this.repeats
  }

  private look(bytes: Uint8Array): void {
    const { trigger } = this
    const all = [...this.tail, ...bytes]
    for (let at = 0; at + trigger.length <= all.length; at++) {
      if (!trigger.every((byte, i) => all[at + i] === byte)) continue
      const held = this.language.constraint()
      // A token that goes on past the trigger with something else was no call.
      if (held.read(Uint8Array.from(all.slice(at + trigger.length)))) {
        this.held = held
        return
      }
    }
    this.tail = all.slice(Math.max(0, all.length - trigger.length + 1))
  }
}
