import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  callProgram,
  jsonProgram,
  SchemaError,
  type SchemaLimits,
  TokenLanguage,
  TriggeredConstraint,
  Vocabulary,
} from '#model/grammar'
import { SchemaSource } from '#model/random-schema'
import { trainTokenizer } from '#model/tokenizer-training'
import { Random } from './decoding/random.ts'
import { Sampler } from './decoding/sampler.ts'
import { Sequence } from './decoding/sequence.ts'
import { type Constraint, type DecodeEvent, greedy } from './decoding.ts'

const limits: SchemaLimits = {
  depth: 32,
  properties: 1000,
  enumValues: 1000,
  patternLength: 1000,
  patternStates: 4000,
  states: 100_000,
}
const tokenizer = trainTokenizer(
  ['{"name": "city", "value": [1, 2, 300], "größe": null, "x": true}, "数量": false\n '.repeat(8)],
  { vocabSize: 400, specialTokens: ['<|end|>', '<tool_call>'] },
)
const end = tokenizer.specialTokens.get('<|end|>') as number
const vocabulary = new Vocabulary(tokenizer)
const bytes = (text: string) => new TextEncoder().encode(text)
const language = (schema: unknown) => new TokenLanguage(jsonProgram(schema, limits), vocabulary)

/** Whether a language has a text: as a beginning, and as a whole. */
function reads(schema: unknown, text: string): 'whole' | 'beginning' | 'no' {
  const constraint = language(schema).constraint()
  if (!constraint.read(bytes(text))) return 'no'
  return constraint.complete ? 'whole' : 'beginning'
}

const takes = (schema: unknown, texts: readonly string[]) => texts.filter((text) => reads(schema, text) !== 'whole')
const refuses = (schema: unknown, texts: readonly string[]) => texts.filter((text) => reads(schema, text) === 'whole')

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true })
addFormats.default(ajv)

/** Decodes with logits that mean nothing; towards the end, `hurry` makes what closes likelier. */
function decode(constraint: Constraint, seed: number, maxTokens: number, hurry: (token: number) => number) {
  const random = new Random(seed)
  const context = {
    contextLength: 1 << 20,
    sampler: new Sampler(tokenizer.vocabSize),
    tokenBytes: (id: number) => tokenizer.tokenBytes(id),
    textBytes: (id: number) => (id === end ? new Uint8Array(0) : tokenizer.tokenBytes(id)),
  }
  const sampling = { ...greedy, temperature: 1, seed }
  const request = {
    promptIds: Uint32Array.of(1),
    maxTokens,
    sampling,
    stop: [],
    stopIds: [end],
    topLogprobs: null,
    constraint,
  }
  const sequence = new Sequence(0, request, context)
  const events: DecodeEvent[] = []
  for (let token = 0, going = true; going; token++) {
    const logits = Float32Array.from({ length: tokenizer.vocabSize }, () => 8 * random.next())
    for (const [id, weight] of closers) logits[id] += weight * hurry(token)
    going = sequence.accept(logits, events)
  }
  const last = events.at(-1)
  return { text: events.map((event) => event.text).join(''), reason: last?.type === 'end' ? last.finishReason : null }
}

/** Tokens that close something; a quotation mark before all, for brackets may stand in a string without end. */
const closers = [...Array(tokenizer.vocabSize).keys()].flatMap((id) => {
  const text = tokenizer.decode([id])
  return /^["\]}]/.test(text) ? [[id, text === '"' ? 2 : 1] as const] : []
})

describe('documents of random schemas from random logits', () => {
  const count = Number(process.env.DOTLINE_SCHEMAS ?? 100)
  it(`fit the schema, all of ${count}`, { timeout: 600_000 }, () => {
    const source = new SchemaSource(1)
    const reasons: Record<string, number> = {}
    for (let i = 0; i < count; i++) {
      const schema = source.next()
      const validate = ajv.compile(schema)
      const held = language(schema)
      for (let seed = 0; seed < 3; seed++) {
        const { text, reason } = decode(held.constraint(), 3 * i + seed, 300, (token) => token / 8)
        reasons[String(reason)] = (reasons[String(reason)] ?? 0) + 1
        const whole = reason === 'stop' ? text : text + completion(held, text)
        const right = validate(JSON.parse(whole))
        expect(right, `${JSON.stringify(schema)}\n${whole}\n${ajv.errorsText(validate.errors)}`).toBe(true)
      }
    }
    expect(reasons.stop).toBeGreaterThan(2 * count)
  })

  /** What is cut by the most tokens is the beginning of a document: it can be finished. */
  function completion(held: TokenLanguage, text: string): string {
    const constraint = held.constraint()
    // Half a character at the end is not shown.
    expect(constraint.read(bytes(text))).toBe(true)
    const rest = decode(constraint, 7, 5000, (token) => (token % 2 === 0 ? 100 : 0))
    expect(rest.reason).toBe('stop')
    return rest.text
  }

  it('are cut at any length, and say so', () => {
    const schema = { type: 'array', items: { type: 'string', maxLength: 9 }, minItems: 4 }
    const held = language(schema)
    for (let most = 1; most < 12; most++) {
      const { text, reason } = decode(held.constraint(), most, most, () => 0)
      expect(reason).toBe('length')
      expect(ajv.validate(schema, JSON.parse(text + completion(held, text)))).toBe(true)
    }
  })
})

describe('a schema', () => {
  it.each([
    [
      true,
      ['{"a":[1,{"b":null}],"c":"x"}', '[]', '-0.5e+3', '"\\ud83d\\ude00\\u00e9\\/"', '{\n  "a": 1,\n  "b": 2\n}'],
      ['{a:1}', '01', '"\\ud83d"', '[1,]', '"a\nb"', '1.', ''],
    ],
    [{ type: 'object' }, ['{}', '{"a":1}'], ['[]', '{', '{"a"}']],
    [
      { type: 'object', properties: { a: {}, b: { type: 'null' } }, required: ['b'] },
      ['{"b":null}', '{"a":1,"b":null}'],
      ['{}', '{"a":1}', '{"b":null,"a":1}', '{"b":null,"c":1}'],
    ],
    [
      { type: 'object', properties: { ab: { type: 'null' } }, additionalProperties: { type: 'integer' } },
      ['{}', '{"a":1,"abc":2}', '{"ab":null,"b":2}'],
      ['{"ab":1}', '{"b":2,"ab":3}', '{"b":"x"}'],
    ],
    [
      { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 3 },
      ['[1,2]', '[1, 2, 3]'],
      ['[]', '[1]', '[1,2,3,4]', '[1,"x"]'],
    ],
    [{ type: 'array', maxItems: 0 }, ['[]', '[ ]'], ['[1]']],
    [
      { type: 'array', prefixItems: [{ type: 'null' }, { type: 'boolean' }], items: false, minItems: 1 },
      ['[null]', '[null,true]'],
      ['[]', '[true]', '[null,true,1]'],
    ],
    [{ type: 'integer', minimum: -7, maximum: 120 }, ['-7', '0', '99', '120'], ['-8', '121', '1.0', '007', '1e1']],
    [
      { type: 'integer', exclusiveMinimum: 9007199254740990, maximum: 9007199254740991 },
      ['9007199254740991'],
      ['9007199254740990', '1'],
    ],
    [
      { type: 'number', minimum: 0.05, exclusiveMaximum: 12.5 },
      ['0.05', '0.1', '12.4999', '12'],
      ['0', '0.049', '12.5', '12.50', '-1', '13'],
    ],
    [{ type: 'number', exclusiveMaximum: 0 }, ['-0.001', '-12'], ['0', '-0', '-0.0', '1']],
    [{ type: 'string', minLength: 2, maxLength: 3 }, ['"ab"', '"你好吗"', '"\\n\\""'], ['"a"', '"abcd"']],
    [{ type: 'string', pattern: '^a+(b|c){2}$', maxLength: 5 }, ['"abb"', '"aaacb"'], ['"bb"', '"aaaabb"', '"ab"']],
    [{ type: 'string', pattern: 'x' }, ['"x"', '"  x\\n"'], ['"y"', '""']],
    [{ type: 'string', pattern: '^(?!ab)(?=.*z)[a-z]+$' }, ['"az"', '"zab"'], ['"abz"', '"aa"']],
    [{ type: 'string', pattern: '^[\\u4e00-\\u9fa5😀]$' }, ['"你"', '"😀"'], ['"a"', '"\\u4f60"']],
    [{ type: 'string', format: 'date' }, ['"2024-02-28"', '"1999-12-31"'], ['"2024-13-01"', '"2023-02-29"']],
    [{ enum: ['a', 'ab', 1, null, { x: [] }] }, ['"a"', '"ab"', '1', 'null', '{"x":[]}'], ['"b"', '2']],
    [{ type: 'string', enum: ['a', 1] }, ['"a"'], ['1']],
    [{ type: ['string', 'null'] }, ['"a"', 'null'], ['1']],
    [{ anyOf: [{ type: 'integer' }, { const: 'x' }] }, ['1', '"x"'], ['"y"']],
    [
      {
        $defs: { list: { anyOf: [{ type: 'null' }, { type: 'array', items: { $ref: '#/$defs/list' } }] } },
        $ref: '#/$defs/list',
      },
      ['[[],[null,[]]]', 'null'],
      ['[1]'],
    ],
    [
      { type: 'object', properties: { child: { $ref: '#' } }, additionalProperties: false },
      ['{"child":{"child":{}}}'],
      ['{"child":1}'],
    ],
    [
      {
        oneOf: [
          { type: 'object', properties: { k: { const: 'a' } }, required: ['k'] },
          { type: 'object', properties: { k: { const: 'b' }, v: true }, required: ['k'] },
        ],
      },
      ['{"k":"a"}', '{"k":"b","v":1}'],
      ['{"k":"a","v":1}', '{"k":"c"}'],
    ],
    [{ allOf: [{ type: 'null' }], description: 'x' }, ['null'], ['1']],
  ])('%.70j takes what fits and nothing else', (schema, right, wrong) => {
    expect(takes(schema, right)).toEqual([])
    expect(refuses(schema, wrong)).toEqual([])
    for (const text of right)
      if (typeof schema === 'object') expect(ajv.validate(schema, JSON.parse(text)), text).toBe(true)
  })

  it.each([
    [{ type: 'object', properties: { a: { type: 'string', contentEncoding: 'x' } } }, 'properties.a.contentEncoding'],
    [{ type: 'array', uniqueItems: true }, 'uniqueItems'],
    [{ patternProperties: {} }, 'patternProperties'],
    [{ not: {} }, 'not'],
    [{ $ref: '#/$defs/none' }, '$ref'],
    [{ $ref: 'https://example.org/x' }, '$ref'],
    [{ type: 'text' }, 'type'],
    [{ type: 'string', pattern: '(a)\\1' }, 'pattern'],
    [{ type: 'string', pattern: '(?<=a)b' }, 'pattern'],
    [{ type: 'string', pattern: '[' }, 'pattern'],
    [{ type: 'string', pattern: '(?:a?){4000}(?:a?){4000}(?:a?){4000}(?:a?){4000}(?:a?){4000}' }, 'pattern'],
    [{ type: 'string', pattern: '[ab]*a[ab]{20}' }, 'pattern'],
    [{ type: 'string', pattern: 'a', maxLength: 100_000 }, 'maxLength'],
    [{ type: 'string', format: 'colour' }, 'format'],
    [{ type: 'number', multipleOf: 0.3 }, 'multipleOf'],
    [{ type: 'number', minimum: '1' }, 'minimum'],
    [{ anyOf: [] }, 'anyOf'],
    [{ anyOf: [true], minimum: 1 }, 'minimum'],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 'oneOf'],
    [{ allOf: [{}, {}] }, 'allOf'],
    [{ type: 'object', required: 'a' }, 'required'],
    [{ type: 'object', properties: { a: 5 } }, 'properties.a'],
    [{ enum: Array.from({ length: 1001 }, (_, i) => i) }, 'enum'],
    [{ type: 'integer', minimum: 3, maximum: 2 }, ''],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, ''],
    [{ type: 'object', required: ['a'], additionalProperties: false }, ''],
    [[], ''],
  ])('%.70j is refused by the name of what is not supported', (schema, path) => {
    try {
      jsonProgram(schema, limits)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(SchemaError)
      expect((error as SchemaError).path.join('.')).toBe(path)
      expect((error as SchemaError).message.length).toBeGreaterThan(20)
    }
  })

  it('that is nested, wide or hostile is refused or compiled in bounded time', () => {
    let deep: object = {}
    for (let i = 0; i < 100; i++) deep = { type: 'array', items: deep }
    expect(() => jsonProgram(deep, limits)).toThrow(/32 levels/)
    const wide = {
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`p${i}`, {}])),
    }
    expect(() => jsonProgram(wide, limits)).toThrow(/1000 properties/)
    const loop = {
      $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } },
      $ref: '#/$defs/a',
    }
    expect(reads(loop, 'null')).toBe('whole')
    expect(() => jsonProgram({ $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, limits)).toThrow(/No document/)
  })

  it('never throws anything but its own error', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom('anyOf', 'properties', 'items', 'enum', 'pattern', 'type', '$ref', 'required'),
        (value, key) => {
          try {
            jsonProgram({ [key]: value }, limits)
          } catch (error) {
            expect(error).toBeInstanceOf(SchemaError)
          }
        },
      ),
    )
  })
})

describe('regular expressions', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    '[ab]',
    '[^a]',
    '\\d',
    '\\w',
    '.',
    '(a|b)',
    '(?:ab)',
    'a|b',
    '^',
    '$',
    '\\.',
    'é',
  )
  const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?')
  const pattern = fc
    .array(fc.tuple(part, repeat), { minLength: 1, maxLength: 5 })
    .map((list) =>
      list.map(([a, b]) => (/[|^$]/.test(a) && !a.startsWith('(') && !a.startsWith('[') ? a : a + b)).join(''),
    )
  it('find what the engine finds', () => {
    fc.assert(
      fc.property(
        pattern,
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '.', '1', 'é', '\n'), maxLength: 6 }), {
          minLength: 8,
          maxLength: 8,
        }),
        (source, texts) => {
          let held: TokenLanguage
          try {
            held = language({ type: 'string', pattern: source })
          } catch (error) {
            // An anchor in the middle, or a pattern that nothing fits.
            expect(error).toBeInstanceOf(SchemaError)
            return
          }
          const expression = new RegExp(source, 'u')
          for (const text of texts) {
            const constraint = held.constraint()
            const taken = constraint.read(bytes(JSON.stringify(text))) && constraint.complete
            expect(taken, `${source} ${JSON.stringify(text)}`).toBe(expression.test(text))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('masks', () => {
  it('allow exactly the tokens whose bytes may follow', () => {
    const source = new SchemaSource(5)
    for (let i = 0; i < 15; i++) {
      const schema = source.next()
      const held = language(schema)
      const { text } = decode(held.constraint(), i, 200, (token) => token / 8)
      const written = bytes(text)
      for (let at = 0; at < written.length; at += 1 + (at % 5)) {
        const constraint = held.constraint()
        constraint.read(written.subarray(0, at))
        for (let id = 0; id < tokenizer.vocabSize; id++) {
          const probe = held.constraint()
          probe.read(written.subarray(0, at))
          const may =
            !tokenizer.specialTokens.has(tokenizer.decode([id], { special: true })) &&
            probe.read(tokenizer.tokenBytes(id))
          if (constraint.allows(id) !== may)
            expect.unreachable(`${text.slice(0, at)} + ${tokenizer.decode([id])} in ${JSON.stringify(schema)}`)
        }
      }
    }
  })

  it('let an end through where the document may end, and end by themselves where it must', () => {
    const constraint = language({ type: 'integer' }).constraint()
    const logits = () => new Float32Array(tokenizer.vocabSize)
    const before = logits()
    constraint.mask(before, [end])
    expect(before[end]).toBe(Number.NEGATIVE_INFINITY)
    constraint.read(bytes('12'))
    const after = logits()
    constraint.mask(after, [end])
    expect([after[end], constraint.ended]).toEqual([0, false])
    const text = language({ const: 'x' }).constraint()
    text.read(bytes('"x"'))
    expect(text.ended).toBe(true)
  })

  it('stay right when the machine has grown too large and begins anew', () => {
    const held = language({ type: 'array', items: { type: 'string', maxLength: 20_000 } })
    const constraint = held.constraint()
    constraint.read(bytes('["'))
    for (let i = 0; i < 20_000; i++) expect(constraint.read(bytes('a'))).toBe(true)
    expect(constraint.read(bytes('a'))).toBe(false)
    expect(constraint.read(bytes('", "b"]'))).toBe(true)
    expect(constraint.ended).toBe(true)
  })
})

describe('calls', () => {
  const form = {
    mark: '<tool_call>',
    lead: '\n',
    close: '\n</tool_call>',
    between: '\n',
    nameKey: 'name',
    argumentsKey: 'arguments',
  }
  const functions = [
    {
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      path: ['tools', 0],
    },
    { name: 'time', parameters: { type: 'object', additionalProperties: false }, path: ['tools', 1] },
  ]
  const one = '<tool_call>\n{"name": "weather", "arguments": {"city": "Paris"}}\n</tool_call>'
  const two = `${one}\n<tool_call>\n{"name": "time", "arguments": {}}\n</tool_call>`
  const held = (most: number, opened = false) =>
    new TokenLanguage(callProgram(functions, form, { most, opened }, limits), vocabulary)

  it('name one of the functions and fit its schema, as often as is allowed', () => {
    const read = (most: number, text: string) => {
      const constraint = held(most).constraint()
      return constraint.read(bytes(text)) && constraint.complete
    }
    expect([read(1, one), read(1, two), read(2, two), read(2, `${two}\n${one}`)]).toEqual([true, false, true, false])
    expect(read(1, one.replace('weather', 'time'))).toBe(false)
    expect(read(1, one.replace('"city"', '"town"'))).toBe(false)
  })

  it('count in what may follow', () => {
    const constraint = held(2).constraint()
    constraint.read(bytes(one))
    const again = held(2).constraint()
    again.read(bytes(two))
    expect([constraint.ended, again.ended]).toEqual([false, true])
  })

  it('may give way to a document', () => {
    const document = { schema: { type: 'integer' }, path: [] }
    const either = new TokenLanguage(
      callProgram(functions, form, { most: 1, opened: false, document }, limits),
      vocabulary,
    )
    for (const [text, right] of [
      ['12', true],
      [one, true],
      ['"x"', false],
    ] as const) {
      const constraint = either.constraint()
      expect(constraint.read(bytes(text)) && constraint.complete).toBe(right)
    }
  })

  it('say where in the request a schema is wrong', () => {
    const wrong = [
      {
        name: 'f',
        parameters: { type: 'object', properties: { a: { not: {} } } },
        path: ['tools', 3, 'function', 'parameters'],
      },
    ]
    expect(() => callProgram(wrong, form, { most: 1, opened: false }, limits)).toThrow(
      expect.objectContaining({ path: ['tools', 3, 'function', 'parameters', 'properties', 'a', 'not'] }),
    )
  })

  it('are held to their form once an answer has begun one', () => {
    const shown = new Vocabulary(tokenizer, ['<tool_call>'])
    for (const marked of [true, false]) {
      const words = new TokenLanguage(callProgram(functions, form, { most: 1, opened: true }, limits), shown)
      const constraint = new TriggeredConstraint(words, form.mark, true)
      const say = (text: string) => {
        for (const id of tokenizer.encode(text, { special: marked })) {
          expect(constraint.allows(id), text).toBe(true)
          constraint.accept(id)
        }
      }
      const [brace, quote] = ['x', '"'].map((text) => tokenizer.encode(text)[0])
      say('Let me look. <tool_cal no\n')
      expect([constraint.allows(brace), constraint.allows(quote)]).toEqual([true, true])
      say('<tool_call>\n{"name": ')
      expect([constraint.allows(brace), constraint.allows(quote)]).toEqual([false, true])
      say('"time", "arguments": {}}\n</tool_call>')
      expect([constraint.allows(brace), constraint.ended]).toEqual([true, false])
    }
  })

  it('end an answer that may call once only', () => {
    const words = new TokenLanguage(callProgram(functions, form, { most: 1, opened: true }, limits), vocabulary)
    const constraint = new TriggeredConstraint(words, form.mark, false)
    for (const id of tokenizer.encode(one)) constraint.accept(id)
    expect(constraint.ended).toBe(true)
  })
})
