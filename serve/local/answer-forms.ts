/** What an answer is held to: JSON by a schema, calls of functions. Made of a request once, whatever model answers. */
import { callClose, callOpen } from '#model/call-marks'
import type { Constraint } from '#model/decoding'
import {
  anyObject,
  type CallForm,
  callProgram,
  jsonProgram,
  SchemaError,
  TokenLanguage,
  TriggeredConstraint,
  Vocabulary,
  type VocabularySource,
} from '#model/grammar'
import type { ChatRequest, FunctionTool } from '#serve/engine'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { fieldName } from '#wire/validation'

export interface AnswerForm {
  /** A new one for each choice. */
  constraint(): Constraint
  /** Control tokens that are part of the text. */
  shownIds: readonly number[]
}

const form: CallForm = {
  mark: callOpen,
  lead: '\n',
  close: `\n${callClose}`,
  between: '\n',
  nameKey: 'name',
  argumentsKey: 'arguments',
}

/** Languages that were asked for lately; compiled and walked once, they cost next to nothing. */
const remembered = 16

export class AnswerForms {
  readonly #source: VocabularySource
  readonly #shownIds: readonly number[]
  readonly #languages = new Map<string, TokenLanguage>()
  #vocabulary: Vocabulary | null = null

  constructor(source: VocabularySource) {
    this.#source = source
    const marks = [callOpen, callClose].map((mark) => source.specialTokens.get(mark))
    this.#shownIds = marks.filter((id) => id !== undefined)
  }

  /** null for an answer that is free. @throws ApiError that names the part of a schema that is not supported. */
  of(request: ChatRequest): AnswerForm | null {
    const { tools, format } = request
    if (tools === undefined && format === undefined) return null
    const schema = format?.type === 'json_schema' ? format.schema : anyObject
    if (tools === undefined) {
      const language = this.#language(['json', schema], () => jsonProgram(schema, limits.schema), schemaPath)
      return { constraint: () => language.constraint(), shownIds: [] }
    }
    const named = typeof tools.choice === 'object' ? tools.choice.name : null
    const functions = tools.functions.filter(({ name }) => named === null || name === named).map(callable)
    const most = tools.parallel && named === null ? limits.calls : 1
    // Beside calls that may be made, an answer in a form is one of both from its first character on.
    const document = tools.choice === 'auto' && format !== undefined ? { schema, path: schemaPath } : undefined
    const free = tools.choice === 'auto' && document === undefined
    const options = { most: free ? 1 : most, opened: free, document }
    const shape = functions.map(({ name, parameters }) => [name, parameters])
    const language = this.#language(['calls', options, shape], () =>
      callProgram(functions, form, options, limits.schema),
    )
    return {
      constraint: () => (free ? new TriggeredConstraint(language, form.mark, tools.parallel) : language.constraint()),
      shownIds: this.#shownIds,
    }
  }

  #language(what: unknown, program: () => ReturnType<typeof jsonProgram>, path: readonly (string | number)[] = []) {
    const key = JSON.stringify(what)
    const known = this.#languages.get(key)
    if (known !== undefined) this.#languages.delete(key)
    const language = known ?? new TokenLanguage(asked(program, path), this.#words())
    this.#languages.set(key, language)
    const [oldest] = this.#languages.keys()
    if (this.#languages.size > remembered) this.#languages.delete(oldest)
    return language
  }

  #words(): Vocabulary {
    this.#vocabulary ??= new Vocabulary(this.#source, [callOpen, callClose])
    return this.#vocabulary
  }
}

const schemaPath = ['response_format', 'json_schema', 'schema'] as const

const callable = ({ name, parameters }: FunctionTool, at: number) => ({
  name,
  parameters: parameters ?? { type: 'object', additionalProperties: false },
  path: ['tools', at, 'function', 'parameters'],
})

function asked<T>(work: () => T, path: readonly (string | number)[]): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error
    const field = fieldName([...path, ...error.path])
    throw new ApiError('unsupported_value', `Invalid schema in '${field}': ${error.message}`, field)
  }
}
