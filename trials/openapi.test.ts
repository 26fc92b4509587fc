/** The comparison with OpenAI's description, on an excerpt of our own writing; on theirs, where it was fetched. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { compare } from './openapi/compare.ts'
import { ownDescription, readDescription } from './openapi/documents.ts'
import { sortOut } from './openapi/meant.ts'
import { compareOperations } from './openapi/operations.ts'
import type { Document, Schema } from './openapi/shapes.ts'
import { fetched } from './openapi.ts'

const excerpt = fileURLToPath(new URL('./openapi/excerpt.yaml', import.meta.url))
const found = (ours: Document, theirs: Document) =>
  compareOperations(ours, theirs).flatMap(({ differences, lenient }) =>
    [...differences, ...lenient].map(({ at, what }) => `${at} ${what}`),
  )

let ours: Document
beforeAll(async () => {
  ours = await ownDescription()
}, 60_000)

describe('our own description', () => {
  test('fits the excerpt, but for what stands in the table, and for purposes that the excerpt leaves out', () => {
    const theirs = readDescription(excerpt)
    const results = compareOperations(ours, theirs)
    expect(results.map(({ operation }) => operation).toSorted()).toEqual([
      'GET /files',
      'GET /models/{model}',
      'POST /embeddings',
      'POST /files',
    ])
    const all = results.flatMap(({ differences, lenient }) => [...differences, ...lenient])
    const { faults, meant } = sortOut(all)
    expect(meant).toBe(1)
    expect(faults.map(({ at, what }) => `${at} ${what}`)).toEqual(
      ['assistants', 'fine-tune', 'vision', 'evals', 'assistants_output', 'batch_output', 'fine-tune-results'].map(
        (purpose) => `GET /files query.purpose ours may also be "${purpose}"`,
      ),
    )
  })

  test.each<[string, (theirs: Document) => void, string]>([
    [
      'a field that we lack',
      ({ components }) => add(components, 'Model', 'shutdown', 'integer', true),
      'GET /models/{model} reply.shutdown is not always sent',
    ],
    [
      'another type',
      ({ components }) => add(components, 'Model', 'created', 'string'),
      'GET /models/{model} reply.created ours may be of type integer, theirs not',
    ],
    [
      'an enum that knows less',
      ({ components }) => add(components, 'Model', 'object', { enum: ['models'] }),
      'GET /models/{model} reply.object ours may be "model", theirs not',
    ],
    [
      'a field of a request that we do not know',
      ({ components }) => add(components, 'Expiry', 'jitter', 'integer'),
      'POST /files request.expires_after.jitter is not known to us',
    ],
    [
      'a value that we refuse',
      ({ components }) => add(components, 'Expiry', 'anchor', { enum: ['created_at', 'last_used'] }),
      'POST /files request.expires_after.anchor theirs may be "last_used", ours not',
    ],
    [
      'something that need not be there',
      ({ components }) => void components?.schemas?.Expiry.required?.pop(),
      'POST /files request.expires_after.seconds is required by us alone',
    ],
  ])('is held against %s', (_name, change, expected) => {
    const theirs = readDescription(excerpt)
    expect(found(ours, theirs)).not.toContain(expected)
    change(theirs)
    expect(found(ours, theirs)).toContain(expected)
  })

  test.runIf(existsSync(fetched))('fits OpenAI’s own, where it was fetched', { timeout: 120_000 }, () => {
    const results = compareOperations(ours, readDescription(fetched))
    const all = results.flatMap(({ differences, lenient }) => [...differences, ...lenient])
    const { faults, stale } = sortOut(all)
    expect(faults).toEqual([])
    expect(stale.map(({ why }) => why)).toEqual([])
  })
})

describe('objects of several kinds', () => {
  const kind = (type: string, more: Record<string, Schema> = {}): Schema => ({
    type: 'object',
    properties: { type: { const: type }, ...more },
    required: ['type', ...Object.keys(more)],
    additionalProperties: false,
  })
  const held = (left: Schema, right: Schema, direction: 'request' | 'reply') => {
    const document = { paths: {} }
    const { differences, refusals } = compare({ schema: left, document }, { schema: right, document }, direction, 'it')
    return [...differences.map(({ at, what }) => `${at} ${what}`), ...refusals.map(({ at, why }) => `${at} ${why}`)]
  }
  const text = kind('text', { text: { type: 'string' } })
  const picture = kind('picture', { url: { type: 'string' } })

  test('are told apart by their type', () => {
    expect(held({ oneOf: [text, picture] }, { anyOf: [picture, text] }, 'request')).toEqual([])
    expect(held(text, { anyOf: [picture, text] }, 'request')).toEqual(['it{type=picture} ours have no such object'])
    expect(held({ oneOf: [text, picture] }, text, 'reply')).toEqual(['it{type=picture} theirs have no such object'])
  })

  test('may be refused by name', () => {
    const refused = {
      ...kind('picture'),
      additionalProperties: {},
      description: 'Not supported by this version: no eyes.',
    }
    expect(held({ oneOf: [text, refused] }, { anyOf: [picture, text] }, 'request')).toEqual([
      'it{type=picture} no eyes',
    ])
  })

  test('may hold themselves', () => {
    const tree: Schema = kind('tree', {})
    tree.properties = { ...tree.properties, parts: { type: 'array', items: tree } }
    expect(held(tree, tree, 'reply')).toEqual([])
  })
})

function add(
  components: Document['components'],
  name: string,
  field: string,
  schema: Schema | string,
  required = false,
) {
  const found = components?.schemas?.[name]
  if (found?.properties === undefined) throw new Error(`the excerpt has no ${name}`)
  found.properties[field] = typeof schema === 'string' ? { type: schema } : schema
  if (required) found.required?.push(field)
}
