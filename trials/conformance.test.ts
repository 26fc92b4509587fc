/** The clients that people have, against our server; and the READMEs, against what this shows. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { FormError, judge } from './conformance/judge.ts'
import { hasPython, PythonChecks } from './conformance/python.ts'
import { rows } from './conformance/rows.ts'
import { checksOf } from './conformance/run.ts'
import { hello } from './conformance/scripts.ts'
import { openSite, type Site } from './conformance/site.ts'
import { tableIn, tableOf } from './conformance/table.ts'

let site: Site
let python: PythonChecks | null = null
const withPython = hasPython()
beforeAll(async () => {
  site = await openSite(hello)
  if (withPython) python = new PythonChecks(site)
})
afterAll(async () => {
  python?.close()
  await site.close()
})

describe('what is supported', () => {
  const checks = checksOf(rows, () => site, withPython ? () => python as PythonChecks : null)
  it.each(checks.map((check) => [check.client, `${check.row.endpoint}: ${check.row.english}`, check] as const))(
    '%s: %s',
    (_client, _what, { run }) => run(),
  )
  if (!withPython) test.skip("OpenAI's Python client is not here: npm run trials -- conformance fetches it", () => {})
})

test.each([
  ['README.md', 'english'],
  ['README.zh-CN.md', 'chinese'],
] as const)('%s shows what these checks show: npm run trials -- conformance --write', (name, language) => {
  const readme = readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8')
  expect(tableIn(readme)).toBe(tableOf(rows, language))
})

describe('the judge of replies', () => {
  const reply = (body: object | string, contentType = 'application/json', status = 200) => ({
    method: 'GET',
    path: '/v1/models',
    status,
    contentType,
    text: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const model = {
    id: 'm',
    object: 'model',
    created: 1,
    owned_by: 'x',
    dotline: { context_length: null, state: 'ready', capabilities: [] },
  }

  it('takes what the schemas say, and nothing that lacks a field or has one more', () => {
    judge(reply({ object: 'list', data: [model] }))
    for (const wrong of [
      { ...model, created: '1' },
      { ...model, id: undefined },
      { ...model, extra: 1 },
    ])
      expect(() => judge(reply({ object: 'list', data: [wrong] }))).toThrow(FormError)
    expect(() =>
      judge(reply({ error: { message: 'm', type: 'server_error', code: 'x' } }, 'application/json', 500)),
    ).toThrow(FormError)
    expect(() => judge({ ...reply({}), path: '/v1/unheard' })).toThrow(FormError)
  })

  it('reads every event of a stream', () => {
    const stream = (...events: object[]) => ({
      ...reply(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), 'text/event-stream'),
      method: 'POST',
      path: '/v1/chat/completions',
    })
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [] }
    judge(stream(chunk, chunk))
    expect(() => judge(stream(chunk, { ...chunk, object: 'chat.completion' }))).toThrow(FormError)
    expect(() => judge(stream())).toThrow(FormError)
  })
})
