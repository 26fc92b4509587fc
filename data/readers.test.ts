import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Document, preferencePairs } from './document.ts'
import { readLines } from './readers/lines.ts'
import { dotlineIdentity, ReadError, type ReadOptions, readDocuments } from './readers.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readers-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function read(content: string | Uint8Array, options: Partial<ReadOptions> = {}): Promise<Document[]> {
  const path = join(folder, 'data')
  writeFileSync(path, content)
  const documents: Document[] = []
  for await (const document of readDocuments(path, { source: 'test', licence: 'MIT', ...options }))
    documents.push(document)
  return documents
}

const record = async (value: object, options: Partial<ReadOptions> = {}) =>
  (await read(JSON.stringify(value), options))[0]

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

test('text and JSONL are told apart by their content, plain or gzip, whatever the name', async () => {
  expect(await read('To be,\nor not')).toEqual([
    { text: 'To be,\nor not\n', source: 'test', licence: 'MIT', origin: 'data:1' },
  ])
  const lines = '\ufeff{"text":"点"}\r\n\n{"text":"线","source":"a.md","license":"CC0"}'
  for (const content of [
    lines,
    gzipSync(lines),
    Buffer.concat([gzipSync(lines.slice(0, 9)), gzipSync(lines.slice(9))]),
  ])
    expect(await read(content)).toEqual([
      { text: '点', source: 'test', licence: 'MIT', origin: 'data:1' },
      { text: '线', source: 'test', licence: 'CC0-1.0', origin: 'data:3 (a.md)' },
    ])
  expect(await read('')).toEqual([])
  expect((await read('{ not json, but text }', {}))[0].text).toBe('{ not json, but text }\n')
})

test('a long text is cut at empty lines, and nothing is lost', async () => {
  const text = Array.from({ length: 300 }, (_, i) => (i % 7 === 6 ? '' : `line ${i}`)).join('\n')
  const documents = await read(text, { textLength: 200 })
  expect(documents.map(({ text }) => text).join('')).toBe(`${text}\n`)
  expect(documents.length).toBeGreaterThan(8)
  for (const { text } of documents.slice(0, -1)) expect(text).toMatch(/\n\n$/)
})

test('conversations: messages with parts, tool calls and weights; developer is system', async () => {
  const document = await record({
    messages: [
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', content: '1' },
      { role: 'assistant', content: 'One.', weight: 0 },
    ],
  })
  expect(document.messages).toEqual([
    { role: 'system', content: 'Be brief.' },
    user('Hi'),
    assistant('<tool_call>\n{"name":"f","arguments":"{}"}\n</tool_call>'),
    { role: 'tool', content: '1' },
    { role: 'assistant', content: 'One.', weight: 0 },
  ])
})

test('conversations: ShareGPT with tools', async () => {
  const turn = (from: string, value: string) => ({ from, value })
  const document = await record({
    conversations: [turn('human', 'Q'), turn('function_call', '{}'), turn('observation', 'O'), turn('gpt', 'A')],
    tools: '[{"name":"f"}]',
  })
  expect(document.messages).toEqual([
    { role: 'system', content: '# Tools\n\n<tools>\n[{"name":"f"}]\n</tools>' },
    user('Q'),
    assistant('<tool_call>\n{}\n</tool_call>'),
    { role: 'tool', content: 'O' },
    assistant('A'),
  ])
})

test('conversations: Alpaca with history, and question with answer', async () => {
  const document = await record({ instruction: 'Add', input: '1 2', output: '3', history: [['a', 'b']] })
  expect(document.messages).toEqual([user('a'), assistant('b'), user('Add\n1 2'), assistant('3')])
  expect((await record({ question: 'q', answer: 'a' })).messages).toEqual([user('q'), assistant('a')])
})

test('conversations: utterances merge neighbours and end with an answer', async () => {
  const say = (speaker: string, text: string) => ({ speaker, text })
  const utterances = [say('user', 'Hi'), say('user', 'there'), say('assistant', 'Hello'), say('user', 'Bye')]
  expect((await record({ utterances })).messages).toEqual([user('Hi\nthere'), assistant('Hello')])
  expect(await read(JSON.stringify({ utterances: [say('user', 'Hi')] }))).toEqual([])
})

test('preferences: with a prompt, as whole dialogues, as ranked outputs', async () => {
  expect((await record({ prompt: 'P', chosen: 'C', rejected: 'R' })).preference).toEqual({
    prompt: [user('P')],
    ranked: [[assistant('C')], [assistant('R')]],
  })
  const sides = { chosen: assistant('C'), rejected: [{ from: 'gpt', value: 'R' }] }
  expect((await record({ conversations: [{ from: 'human', value: 'P' }], ...sides })).preference).toEqual({
    prompt: [user('P')],
    ranked: [[assistant('C')], [assistant('R')]],
  })
  const talk = '\n\nHuman: P\n\nAssistant: A\n\nHuman: Q\n\nAssistant:'
  expect((await record({ chosen: `${talk} C`, rejected: `${talk} R\n\nHuman: S` })).preference).toEqual({
    prompt: [user('P'), assistant('A'), user('Q')],
    ranked: [[assistant('C')], [assistant('R'), user('S')]],
  })
  const { preference } = await record({ instruction: 'P', output: ['1', '2', '3'] })
  expect(preference && preferencePairs(preference).map(({ chosen, rejected }) => [chosen, rejected])).toEqual([
    [[assistant('1')], [assistant('2')]],
    [[assistant('1')], [assistant('3')]],
    [[assistant('2')], [assistant('3')]],
  ])
  const graded = await record({
    messages: [user('P'), assistant('A'), user('Q')],
    ranked: ['1', '2', '3'],
    grades: [1, 0.5, 0.5],
  })
  expect(graded.preference?.prompt).toEqual([user('P'), assistant('A'), user('Q')])
  expect(
    graded.preference && preferencePairs(graded.preference).map(({ chosen, rejected }) => [chosen, rejected]),
  ).toEqual([
    [[assistant('1')], [assistant('2')]],
    [[assistant('1')], [assistant('3')]],
  ])
})

test('placeholders are filled in the language around them, and unknown ones stay', async () => {
  const output = (text: string) => record({ instruction: 'q', output: text }, { placeholders: dotlineIdentity })
  const last = (document: Document) => document.messages?.at(-1)?.content
  expect(last(await output('I am {{name}} by {{author}}, {{x}} {{toString}}'))).toBe(
    'I am Dotline by the Dotline authors, {{x}} {{toString}}',
  )
  expect(last(await output('我是{{name}}，由{{author}}开发'))).toBe('我是Dotline，由点线作者开发')
  expect((await record({ text: '{{name}}' })).text).toBe('{{name}}')
})

const good = '{"text":"fine"}\n'

test.each([
  ['bad JSON', '{"text":', /line 2: is not JSON/],
  ['no object', '[1]', /line 2: is not a JSON object/],
  ['no known field', '{"body":"x","id":1}', /line 2: has none of text.*its fields: body, id/],
  ['a text that is a number', '{"text":1}', /line 2: text must be a string, got number/],
  ['messages that are a string', '{"messages":"hi"}', /line 2: messages must be an array of objects, got string/],
  ['an unknown role', '{"messages":[{"role":"toString","content":"x"}]}', /messages\[0\]\.role must be one of/],
  [
    'a content that is missing',
    '{"messages":[{"role":"user"}]}',
    /messages\[0\]\.content must be a string, got nothing/,
  ],
  ['a weight of 2', '{"messages":[{"role":"user","content":"","weight":2}]}', /weight must be 0 or 1, got 2/],
  ['a picture', '{"messages":[{"role":"user","content":[{"type":"image"}]}]}', /only text parts/],
  ['turns without a value', '{"conversations":[{"from":"human"}]}', /conversations\[0\]\.value must be a string/],
  ['a history of single strings', '{"instruction":"a","output":"b","history":["x"]}', /history\[0\] must be a pair/],
  ['one ranked output', '{"instruction":"a","output":["b"]}', /at least two strings/],
  ['grades that rise', '{"prompt":"p","ranked":["a","b"],"grades":[0,1]}', /grades must be 2 numbers/],
  ['too few grades', '{"prompt":"p","ranked":["a","b"],"grades":[1]}', /grades must be 2 numbers/],
  ['ranked answers to nothing', '{"ranked":["a","b"]}', /ranked needs a prompt/],
  ['chosen without rejected', '{"prompt":"p","chosen":"c"}', /rejected must be an array of objects, got nothing/],
  [
    'tools without a bottom',
    `{"messages":[],"tools":{"0":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`,
    /is nested too deeply/,
  ],
  ['a dialogue without its marks', '{"chosen":"c","rejected":"r"}', /chosen must start with/],
])('hostile JSONL: %s throws a typed error with file and line, or is skipped', async (_, line, message) => {
  const content = `${good}${line}\n${good}`
  await expect(read(content)).rejects.toThrow(message)
  await expect(read(content)).rejects.toMatchObject({ name: 'ReadError', file: join(folder, 'data'), line: 2 })
  const skipped: ReadError[] = []
  expect(await read(content, { onBadRecord: (error) => skipped.push(error) })).toHaveLength(2)
  expect(skipped.map(({ line }) => line)).toEqual([2])
})

test('hostile bytes: a huge line, what is not UTF-8, damaged gzip, a missing file', async () => {
  const options = { maxLineBytes: 1000 }
  await expect(read(`${good}{"text":"${'x'.repeat(5000)}"}`, options)).rejects.toThrow(
    /line 2: is longer than 1000 bytes/,
  )
  const bomb = gzipSync(`${good}${'x'.repeat(50_000_000)}`)
  await expect(read(bomb, options)).rejects.toMatchObject({ name: 'ReadError', line: 2 })
  await expect(read(Buffer.concat([Buffer.from(good), Buffer.from([0xff, 0x0a])]))).rejects.toThrow(
    /line 2: is not UTF-8/,
  )
  await expect(read(gzipSync(good.repeat(9999)).subarray(0, 100))).rejects.toThrow(/gzip data cannot be unpacked/)
  const missing = readDocuments(join(folder, 'none'), { source: 's', licence: 'MIT' })
  await expect(missing.next()).rejects.toThrow(ReadError)
})

test('lines come out as split does, wherever the chunks of a large file end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 30 }), async (parts) => {
      const wide = 'é'.repeat(40_000)
      const lines = parts.map((part) => part.replace(/[\r\n\ufeff]/g, '') + wide)
      const path = join(folder, 'lines')
      writeFileSync(path, lines.join('\n'))
      const seen: string[] = []
      for await (const { text, number } of readLines(path, 1_000_000)) {
        seen.push(text)
        expect(number).toBe(seen.length)
      }
      expect(seen).toEqual(lines)
    }),
    { numRuns: 20 },
  )
})
