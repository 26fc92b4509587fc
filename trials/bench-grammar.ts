/** What constrained decoding costs: compiling schemas, finding masks, and a token's share of it beside the model's step. */
import { parseArgs } from 'node:util'
import { type CallForm, callProgram, jsonProgram, type SchemaLimits, TokenLanguage, Vocabulary } from '#model/grammar'
import { SchemaSource } from '#model/random-schema'
import { Tokenizer } from '#model/tokenizer'
import { Figures } from '#trials/figures'
import { limits } from '#wire/limits'

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 80 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    email: { type: 'string', format: 'email' },
    tags: { type: 'array', items: { enum: ['new', 'old', 'vip'] }, maxItems: 8 },
    address: {
      anyOf: [{ type: 'null' }, { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }],
    },
  },
  required: ['name', 'age', 'email', 'tags', 'address'],
  additionalProperties: false,
}
const document =
  '{"name": "Ada Lovelace", "age": 36, "email": "ada@example.org", "tags": ["new", "vip"], "address": {"city": "伦敦"}}'

const form: CallForm = {
  mark: '<tool_call>',
  lead: '\n',
  close: '\n</tool_call>',
  between: '\n',
  nameKey: 'name',
  argumentsKey: 'arguments',
}

/** `--model starter`: the folder whose tokenizer is used. */
export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { model: { type: 'string', default: 'starter' } } })
  const figures = new Figures('npm run bench -- grammar')
  const tokenizer = await Tokenizer.open(values.model)
  const vocabulary = new Vocabulary(tokenizer)
  figures.note(`${values.model}: ${tokenizer.vocabSize} tokens, the longest of ${vocabulary.longest} bytes`)
  const { schema: bounds } = limits
  figures.record(
    'grammar.vocabulary',
    time(() => new Vocabulary(tokenizer)),
    'ms',
  )
  figures.record(
    'grammar.compile',
    best(() => jsonProgram(person, bounds)),
    'ms',
  )
  figures.record('grammar.compile.random', compileRandom(bounds), 'ms each')
  const call = { name: 'add_person', parameters: person, path: [] }
  figures.record(
    'grammar.compile.call',
    best(() => callProgram([call], form, { most: 1, opened: false }, bounds)),
    'ms',
  )
  masks(figures, tokenizer, vocabulary, bounds)
  figures.finish()
}

function compileRandom(bounds: SchemaLimits): number {
  const source = new SchemaSource(1)
  const schemas = Array.from({ length: 200 }, () => source.next())
  return time(() => schemas.map((schema) => jsonProgram(schema, bounds))) / schemas.length
}

function masks(figures: Figures, tokenizer: Tokenizer, vocabulary: Vocabulary, bounds: SchemaLimits): void {
  const ids = tokenizer.encode(document)
  const logits = new Float32Array(tokenizer.vocabSize)
  const write = (language: TokenLanguage) => {
    const constraint = language.constraint()
    for (const id of ids) {
      constraint.mask(logits, [])
      if (!constraint.allows(id)) throw new Error(`token ${id} is not allowed in a document that fits`)
      constraint.accept(id)
    }
  }
  const program = jsonProgram(person, bounds)
  const language = new TokenLanguage(program, vocabulary)
  figures.record('grammar.token.first', time(() => write(language)) / ids.length, 'ms per token')
  figures.record(
    'grammar.token.new-schema',
    best(() => write(new TokenLanguage(program, vocabulary))) / ids.length,
    'ms per token',
  )
  const seen = best(() => write(language)) / ids.length
  figures.record('grammar.token.seen', seen, 'ms per token', { op: '<=', value: 0.1 })
  figures.record('grammar.masks', 1000 / seen, 'masks/s')
}

function time(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** The fewest milliseconds of many runs. */
function best(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < 50; run++) least = Math.min(least, time(work))
  return least
}
