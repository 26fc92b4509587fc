/** The examples as they stand, against a server with the starter; and what editors' plug-ins send with these settings. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { root, type ServedCommand, serveCommand } from './served/command.ts'

const run = promisify(execFile)
const folder = `${root}examples`
const data = mkdtempSync(join(tmpdir(), 'dotline-examples-'))
const python = `${root}.peers/openai/bin/python`
const withPython = existsSync(python)
let server: ServedCommand
beforeAll(async () => {
  server = await serveCommand({ args: ['--port', '0', '--no-page', '--data', data] })
  await server.ready
}, 120_000)
afterAll(async () => {
  await server.end('SIGTERM')
  rmSync(data, { recursive: true, force: true })
})

const output = async (command: string, file: string) => {
  const env = { ...process.env, DOTLINE_URL: server.url, AI_SDK_LOG_WARNINGS: 'false' }
  return (await run(command, [`${folder}/${file}`], { env, timeout: 55_000 })).stdout
}
const text = (file: string) => readFileSync(`${folder}/${file}`, 'utf8')
/** The settings name the usual address; here the server is elsewhere. */
const here = (address: string) => {
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:8787/)
  return address.replace('http://127.0.0.1:8787', server.url)
}

describe('examples', () => {
  test('curl', async () => {
    const [models, whole, ...stream] = (await output('sh', 'curl.sh')).split('\n')
    expect(JSON.parse(models).data[0].id).toBe('dotline-starter')
    expect(JSON.parse(whole).choices[0].message.content).toMatch(/\w/)
    expect(stream.filter((line) => line.startsWith('data: ')).at(-1)).toBe('data: [DONE]')
  })

  test('fetch', async () => expect(await output(process.execPath, 'fetch.ts')).toMatch(/\w{2}.*\n$/s))

  test('OpenAI’s client', async () => {
    const lines = (await output(process.execPath, 'openai.ts')).split('\n')
    expect(lines[0]).toContain('dotline-starter')
    expect(lines.join('\n')).toMatch(/chat: .*\w{2}.*json: \{ greeting: .* formal: (true|false) \}\nresponses: .*\w/s)
  })

  test('Vercel’s', async () => expect(await output(process.execPath, 'ai-sdk.ts')).toMatch(/\w{2}.*\n\(stop\)\n$/s))

  test.runIf(withPython)('Python', async () => expect(await output(python, 'chat.py')).toMatch(/\w{2}/))

  test('stand in the README, each in both languages', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'README.md')
      .map(({ name, parentPath }) => join(parentPath, name).slice(folder.length + 1))
    const readme = text('README.md')
    for (const file of files) expect(readme.split(`](${file})`)).toHaveLength(3)
  })
})

describe('editors', () => {
  const before = 'def add(a, b):\n'
  const chunks = [{ text: 'import math\n', time: [1, 2], filename: 'a.py' }]
  const post = async (address: string, body: object, key = '') => {
    const headers = { 'content-type': 'application/json', ...(key === '' ? {} : { authorization: `Bearer ${key}` }) }
    const reply = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: reply.status, said: (await reply.json()) as Record<string, unknown> }
  }
  const shown = [
    'content',
    'timings/prompt_n',
    'timings/prompt_ms',
    'timings/prompt_per_token_ms',
    'timings/prompt_per_second',
    'timings/predicted_n',
    'timings/predicted_ms',
    'timings/predicted_per_token_ms',
    'timings/predicted_per_second',
    'truncated',
    'tokens_cached',
  ]

  test('llama.vim', async () => {
    const config = Object.fromEntries(
      [...text('editors/llama.vim').matchAll(/'(\w+)': (?:'([^']*)'|(\d+)),/g)].map(([, name, word, number]) => [
        name,
        number === undefined ? word : Number(number),
      ]),
    )
    const { n_predict, t_max_prompt_ms, t_max_predict_ms } = config
    const asked = {
      input_prefix: before,
      input_suffix: '\n',
      input_extra: chunks,
      prompt: '    return ',
      n_predict,
      n_indent: 4,
      top_k: 40,
      top_p: 0.99,
      stream: false,
      samplers: ['top_k', 'top_p', 'infill'],
      cache_prompt: true,
      t_max_prompt_ms,
      t_max_predict_ms,
      response_fields: shown,
    }
    const { status, said } = await post(here(String(config.endpoint)), asked)
    expect([status, Object.keys(said).toSorted()]).toEqual([200, shown.toSorted()])
    expect(said.content).toEqual(expect.any(String))
    expect(said['timings/predicted_n']).toBeLessThanOrEqual(Number(n_predict))
    // Beforehand it has pieces of other files read, and wants nothing back.
    const ahead = { ...asked, input_prefix: '', input_suffix: '', prompt: '', n_predict: 0, response_fields: [''] }
    expect(await post(here(String(config.endpoint)), ahead)).toEqual({ status: 200, said: {} })
  })

  test('llama.vscode', async () => {
    const settings = JSON.parse(text('editors/vscode-settings.json')) as Record<string, number | string>
    const of = (name: string) => settings[`llama-vscode.${name}`]
    const times = { t_max_prompt_ms: of('t_max_prompt_ms'), t_max_predict_ms: of('t_max_predict_ms') }
    const place = { input_prefix: before, input_suffix: '\n', input_extra: chunks, prompt: '    return ' }
    const how = { top_k: 40, top_p: 0.99, stream: false, samplers: ['top_k', 'top_p', 'infill'], cache_prompt: true }
    const asked = { ...place, n_predict: of('n_predict'), ...how, n_indent: 4, ...times }
    const { status, said } = await post(`${here(String(of('endpoint')))}/infill`, asked)
    expect([status, said]).toEqual([
      200,
      expect.objectContaining({ content: expect.any(String), timings: expect.any(Object), truncated: false }),
    ])
    const ahead = { ...place, n_predict: 0, samplers: [], cache_prompt: true, ...times, t_max_predict_ms: 1 }
    expect((await post(`${here(String(of('endpoint')))}/infill`, ahead)).said.content).toBe('')
  })

  test('Continue', async () => {
    interface Model {
      provider: string
      model: string
      apiBase: string
      apiKey: string
      maxStopWords: number
      roles: string[]
      defaultCompletionOptions?: { maxTokens: number }
    }
    const { models } = parse(text('editors/continue.yaml')) as { models: Model[] }
    const withRole = (role: string) => models.find(({ roles }) => roles.includes(role)) as Model
    const clientOf = ({ apiBase, apiKey }: Model) => new OpenAI({ baseURL: here(apiBase), apiKey, maxRetries: 0 })
    const talks = withRole('chat')
    const messages = [{ role: 'user' as const, content: 'Hello!' }]
    let answer = ''
    const asked = { model: talks.model, messages, stream: true, stream_options: { include_usage: true } } as const
    for await (const chunk of await clientOf(talks).chat.completions.create(asked))
      answer += chunk.choices[0]?.delta.content ?? ''
    expect(answer).toMatch(/\w/)
    const completes = withRole('autocomplete')
    const stop = ['<fim_prefix>', '<fim_suffix>', '<fim_middle>', '<|endoftext|>', '/src/', '```']
    const stream = await clientOf(completes).completions.create({
      model: completes.model,
      prompt: `${before}    return `,
      max_tokens: completes.defaultCompletionOptions?.maxTokens,
      stop: stop.slice(0, completes.maxStopWords),
      stream: true,
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.at(-1)?.choices[0].finish_reason).toMatch(/stop|length/)
  })
})
