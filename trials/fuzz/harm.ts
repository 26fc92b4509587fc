import { limits } from '#wire/limits'
import { type Document, pick, raw, written } from './documents.ts'

/** What is done to a body that could be right. The bodies that take megabytes are made once. */

export interface Harmed {
  kind: string
  bytes: Buffer
  /** Left out: as JSON is sent. */
  contentType?: string | null
  /** Sent without saying how long it is. */
  chunked?: boolean
}

type Random = () => number

const [deep, tenMegabytes, oneMegabyte] = [100_000, 10 << 20, limits.bodyBytes]

const numbers = ['-1', '0', '1', '1.5', '-0', '1e999', '-1e999', '1e-999', '9007199254740992', '-9007199254740993']
const noNumbers = ['NaN', 'Infinity', '-Infinity', '0x10', '01', '.5', '+1', '1_000']
const texts = [
  '',
  '1',
  'null',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\uffff',
  '../../etc/passwd',
  "'; drop table messages; --",
  '${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '=1+1',
  '\u202e\u200b',
  'x'.repeat(300),
  'x'.repeat(70_000),
  '一'.repeat(1000),
  '[object Object]',
  '__proto__',
]
const others = ['null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '{"a":1}', '[1,2,3]', '{"length":1e9}']
const keys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  'then',
  '$ref',
  ' model',
]

const nested = (open: string, close: string, depth: number, inner = '1') =>
  `${open.repeat(depth)}${inner}${close.repeat(depth)}`

/** Values that may stand where a small one was meant. */
function hostile(random: Random): Document {
  const kind = random()
  if (kind < 0.3) return { raw: pick(numbers, random) }
  if (kind < 0.4) return { raw: pick(noNumbers, random) }
  if (kind < 0.7) return raw(pick(texts, random))
  if (kind < 0.95) return { raw: pick(others, random) }
  return { raw: nested('[', ']', 2 + Math.floor(random() * 60)) }
}

/** As large as a body may be, so that nothing but its shape is wrong. */
const large: Readonly<Record<string, () => string>> = {
  zeros: () => `[${'0,'.repeat((oneMegabyte - 4096) / 2)}0]`,
  objects: () => `[${'{},'.repeat((oneMegabyte - 4096) / 3)}{}]`,
  texts: () => `[${'"a",'.repeat((oneMegabyte - 4096) / 4)}"a"]`,
  keys: () => `{${Array.from({ length: 80_000 }, (_, at) => `"k${at}":0`).join(',')}}`,
  text: () => `"${'x'.repeat(oneMegabyte - 8192)}"`,
  escapes: () => `"${'\\u0041'.repeat((oneMegabyte - 8192) / 6)}"`,
  lists: () => nested('[', ']', deep),
  depth: () => nested('{"a":', '}', deep),
}
const largeOnes = new Map<string, string>()
function largeOf(shape: string): Document {
  const text = largeOnes.get(shape) ?? large[shape]()
  largeOnes.set(shape, text)
  return { raw: text }
}

/** A place within a document: whoever sets it changes the document. */
interface Place {
  set(value: Document): void
  parent: Document
  at: number
}

function* placesIn(document: Document): Generator<Place> {
  if ('raw' in document) return
  const inner = 'list' in document ? document.list : document.fields.map(([, value]) => value)
  for (const [at, value] of inner.entries()) {
    const set = (other: Document) => {
      if ('list' in document) document.list[at] = other
      else document.fields[at][1] = other
    }
    yield { set, parent: document, at }
    yield* placesIn(value)
  }
}

/** Changes `document` in one place. */
function change(document: Document, random: Random, value: Document): void {
  const places = [...placesIn(document)]
  if (places.length > 0) pick(places, random).set(value)
  else if ('fields' in document) document.fields.push(['"unknown"', value])
}

function disarrange(document: Document, random: Random): void {
  const objects = [document, ...[...placesIn(document)].map(({ parent }) => parent)].filter((one) => 'fields' in one)
  if (objects.length === 0) return
  const { fields } = pick(objects, random)
  const at = Math.floor(random() * fields.length)
  const way = random()
  if (way < 0.3) fields.splice(at, 1)
  else if (way < 0.5 && fields.length > 0) fields.push([fields[at][0], hostile(random)])
  else if (way < 0.6) fields.push(['"\\u005f_proto__"', hostile(random)])
  else
    fields.splice(at, 0, [
      JSON.stringify(pick(keys, random)),
      random() < 0.5 ? { raw: '{"admin":true}' } : hostile(random),
    ])
}

/** Breaks the text itself. */
function broken(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text)
  const at = Math.floor(random() * (bytes.length + 1))
  switch (Math.floor(random() * 7)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(Math.floor(random() * 256)), bytes.subarray(at)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(0xc3, 0x28), bytes.subarray(at)])
    case 3:
      return Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes])
    case 4:
      return Buffer.concat([bytes, Buffer.from(pick(['x', '{}', '\0', ',', ']'], random))])
    case 5:
      return Buffer.from(text, 'utf16le')
    default:
      return Buffer.from(pick(['', ' ', '\0', '"', '{', '[[', 'null', '[]', '1', '"text"', 'undefined'], random))
  }
}

const contentTypes = [
  null,
  'text/plain',
  'application/json; charset=latin1',
  'multipart/form-data',
  'application/xml',
  'x',
]

/** One body out of a document that could be right. */
export function harm(document: Document, random: Random): Harmed {
  const kind = random()
  if (kind < 0.1) return { kind: 'unchanged', bytes: Buffer.from(written(document)) }
  if (kind < 0.6) {
    for (let left = 1 + Math.floor(random() * 3); left > 0; left--) change(document, random, hostile(random))
    return { kind: 'values', bytes: Buffer.from(written(document)) }
  }
  if (kind < 0.8) {
    for (let left = 1 + Math.floor(random() * 3); left > 0; left--) disarrange(document, random)
    return { kind: 'keys', bytes: Buffer.from(written(document)) }
  }
  if (kind < 0.94) return { kind: 'text', bytes: broken(written(document), random) }
  if (kind < 0.97) {
    const contentType = pick(contentTypes, random)
    return { kind: 'type', bytes: Buffer.from(written(document)), contentType, chunked: random() < 0.5 }
  }
  if (kind < 0.998) {
    const shape = pick(Object.keys(large), random)
    change(document, random, largeOf(shape))
    return { kind: `large ${shape}`, bytes: Buffer.from(written(document)), chunked: random() < 0.2 }
  }
  change(document, random, { raw: JSON.stringify('x'.repeat(tenMegabytes)) })
  return { kind: 'ten megabytes', bytes: Buffer.from(written(document)), chunked: random() < 0.2 }
}

const line = '\r\n'

/** A form with a file, right or wrong. */
export function harmedForm(fieldOfFile: string, random: Random): Harmed {
  const boundary = random() < 0.9 ? 'x' : pick(['', 'y'.repeat(300), 'x"', '--'], random)
  const field = (name: string, value: string, more = '') =>
    `--x${line}Content-Disposition: form-data; name="${name}"${more}${line}${line}${value}${line}`
  const name = random() < 0.8 ? fieldOfFile : pick([...keys, 'x'.repeat(200)], random)
  const parts = [
    field('purpose', random() < 0.7 ? 'user_data' : pick(texts, random)),
    field(name, random() < 0.8 ? 'bytes' : '', '; filename="../a\\"b.txt"'),
  ]
  if (random() < 0.2) parts.push(field(pick(keys, random), pick(texts, random)))
  if (random() < 0.1) parts.push(...Array.from({ length: 40 }, (_, at) => field(`f${at}`, '1')))
  if (random() < 0.2) parts.reverse()
  const text = `${parts.join('')}--x--${line}`
  const bytes = random() < 0.3 ? broken(text, random) : Buffer.from(text)
  return { kind: 'form', bytes, contentType: `multipart/form-data; boundary=${boundary}`, chunked: random() < 0.3 }
}
