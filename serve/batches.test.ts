/** `/v1/batches`, by OpenAI's own client over real HTTP; a server that is killed in the middle of one; lines of files. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import OpenAI, { toFile } from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChatRequest } from '#serve/engine'
import { batchAnswerSchema, batchSchema } from '#wire/batches'
import { ApiError } from '#wire/errors'
import { linesOf } from './batches/lines.ts'
import { type KeepingServer, serveKeeping } from './testing/keeping-server.ts'
import { until } from './testing/scripted-server.ts'

let server: KeepingServer
let client: OpenAI
const opened: KeepingServer[] = []
afterEach(async () => void (await opened.pop()?.close()))

/** Short, so that nobody waits for a poll. */
const batchTimes = { leaseMs: 2000, turnMs: 60_000, pollMs: 50 }

type Script = Parameters<typeof serveKeeping>[0]
async function open(script: Script = { tokens: () => ['Hi'] }, times = batchTimes): Promise<void> {
  server = await serveKeeping(script, { batchTimes: times })
  opened.push(server)
  client = clientOf(server.url)
}
const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 2 })

const endpoint = '/v1/chat/completions' as const
const line = (custom_id: string, body: object = {}) => ({
  custom_id,
  method: 'POST',
  url: endpoint,
  body: { model: 'scripted', messages: [{ role: 'user', content: custom_id }], ...body },
})
const upload = async (text: string, by = client) =>
  (await by.files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' })).id
const begin = async (lines: object[], more: object = {}) =>
  client.batches.create({
    input_file_id: await upload(lines.map((each) => JSON.stringify(each)).join('\n')),
    endpoint,
    completion_window: '24h',
    ...more,
  })

type Status = OpenAI.Batch['status']
async function ended(id: string, by = client, expected: Status = 'completed'): Promise<OpenAI.Batch> {
  const end = performance.now() + 60_000
  while (true) {
    const batch = await by.batches.retrieve(id)
    if (batch.status === expected) return batch
    if (performance.now() > end || /ed$/.test(batch.status)) throw new Error(JSON.stringify(batch))
    await wait(20)
  }
}
const answersIn = async (id: string | undefined, by = client) =>
  id === undefined
    ? []
    : (await (await by.files.content(id)).text())
        .split('\n')
        .filter((each) => each !== '')
        .map((each) => batchAnswerSchema.parse(JSON.parse(each)))
const asked = () => server.engine.requests.map((each) => (each as ChatRequest).messages[0].content)

describe('a batch', () => {
  it('is looked through, answered in the background and written to files, errors apart', async () => {
    await open({ tokens: (request) => ['You said ', (request as ChatRequest).messages[0].content] })
    const lines = [
      line('one'),
      line('two', { metadata: { a: 'b' } }),
      line('three', { temprature: 1 }),
      line('four', { stream: true }),
      line('five', { model: 'nobody' }),
    ]
    const created = await begin(lines, {
      metadata: { run: '1' },
      output_expires_after: { anchor: 'created_at', seconds: 7200 },
    })
    expect(batchSchema.parse(created)).toEqual(created)
    expect(created).toMatchObject({ status: 'validating', metadata: { run: '1' }, completion_window: '24h' })
    expect((created.expires_at ?? 0) - created.created_at).toBe(86_400)
    const batch = await ended(created.id)
    expect(batchSchema.parse(batch)).toEqual(batch)
    expect(batch.request_counts).toEqual({ total: 5, completed: 2, failed: 3 })
    expect(batch.usage).toMatchObject({ input_tokens: 14, output_tokens: 4, total_tokens: 18 })
    expect(batch.model).toBeUndefined()
    const [good, bad] = [await answersIn(batch.output_file_id), await answersIn(batch.error_file_id)]
    expect(good.map(({ custom_id, response }) => [custom_id, response?.status_code])).toEqual([
      ['one', 200],
      ['two', 200],
    ])
    expect(good[0].response?.body).toMatchObject({ choices: [{ message: { content: 'You said one' } }] })
    expect(good[0].response?.request_id).toMatch(/^req_/)
    const codes = bad.map(({ custom_id, response }) => [
      custom_id,
      response?.status_code,
      (response?.body as { error?: { code: string; param: string } } | undefined)?.error,
    ])
    expect(codes).toMatchObject([
      ['three', 400, { code: 'unknown_parameter', param: 'temprature' }],
      ['four', 400, { code: 'unsupported_value', param: 'stream' }],
      ['five', 404, { code: 'model_not_found', param: 'model' }],
    ])
    expect(asked().toSorted()).toEqual(['one', 'two'])
    expect(
      server.engine.requests.every(({ background, owner }) => background === true && owner?.startsWith('own_')),
    ).toBe(true)
    const output = await client.files.retrieve(batch.output_file_id ?? '')
    expect(output).toMatchObject({ purpose: 'batch_output', filename: `${batch.id}_output.jsonl` })
    expect(Math.abs((output.expires_at ?? 0) - output.created_at - 7200)).toBeLessThanOrEqual(2)
    await client.chat.completions.create({ model: 'scripted', messages: [{ role: 'user', content: 'I wait' }] })
    expect(server.engine.requests.at(-1)?.background).toBeUndefined()
  })

  it('answers completions too', async () => {
    await open()
    const input = await upload(
      JSON.stringify({
        custom_id: 'a',
        method: 'POST',
        url: '/v1/completions',
        body: { model: 'scripted', prompt: 'x' },
      }),
    )
    const asked = { input_file_id: input, endpoint: '/v1/completions', completion_window: '24h' } as const
    const batch = await ended((await client.batches.create(asked)).id)
    expect((await answersIn(batch.output_file_id))[0].response?.body).toMatchObject({ choices: [{ text: 'Hi' }] })
    expect(batch.model).toBe('scripted')
  })

  it('whose lines are no requests fails with all that is wrong, line by line, and asks nobody anything', async () => {
    await open()
    const text = [
      JSON.stringify(line('a')),
      '{"custom_id": "b"',
      '',
      JSON.stringify(line('a')),
      JSON.stringify({ ...line('c'), url: '/v1/completions' }),
      JSON.stringify({ ...line('d'), method: 'GET' }),
      JSON.stringify({ ...line('e'), priority: 1 }),
      JSON.stringify({ ...line('f'), body: [] }),
    ].join('\r\n')
    const { id } = await client.batches.create({
      input_file_id: await upload(text),
      endpoint,
      completion_window: '24h',
    })
    const batch = await ended(id, client, 'failed')
    expect(batch.errors?.data?.map(({ line, code, param }) => [line, code, param])).toEqual([
      [2, 'invalid_json', null],
      [4, 'invalid_value', 'custom_id'],
      [5, 'invalid_value', 'url'],
      [6, 'invalid_value', 'method'],
      [7, 'unknown_parameter', 'priority'],
      [8, 'invalid_type', 'body'],
    ])
    expect(batch.failed_at).toBeGreaterThan(0)
    expect(asked()).toEqual([])
    const empty = await client.batches.create({
      input_file_id: await upload('\n\n'),
      endpoint,
      completion_window: '24h',
    })
    expect((await ended(empty.id, client, 'failed')).errors?.data).toMatchObject([
      { line: null, param: 'input_file_id' },
    ])
  })

  it.each<[string, object, string, string]>([
    ['an unknown field', { colour: 'red' }, 'unknown_parameter', 'colour'],
    ['another window', { completion_window: '1h' }, 'invalid_value', 'completion_window'],
    ['another endpoint', { endpoint: '/v1/moderations' }, 'invalid_value', 'endpoint'],
    ['no such file', { input_file_id: 'file-none' }, 'invalid_value', 'input_file_id'],
  ])('is refused with %s', async (_, more, code, param) => {
    await open()
    await expect(begin([line('a')], more)).rejects.toMatchObject({ status: 400, code, param })
  })

  it('reads no file that is for something else, and keeps its own until it has ended', async () => {
    await open({ tokens: () => ['a', 'b'], delayMs: 100_000 })
    const other = await client.files.create({ file: await toFile(Buffer.from('{}'), 'x'), purpose: 'user_data' })
    await expect(begin([line('x')], { input_file_id: other.id })).rejects.toMatchObject({ param: 'input_file_id' })
    const batch = await begin([line('slow')])
    await until(() => server.engine.running === 1, 20_000, 'the line runs')
    await expect(client.files.delete(batch.input_file_id)).rejects.toMatchObject({ status: 409, code: 'conflict' })
    await client.batches.cancel(batch.id)
    await ended(batch.id, client, 'cancelled')
    expect(await client.files.delete(batch.input_file_id)).toMatchObject({ deleted: true })
  })

  it('is cancelled: what runs is freed, what was answered is kept, the rest is told', async () => {
    const slow = (request: ChatRequest) => request.messages[0].content !== 'quick'
    await open({
      tokens: (request) => (slow(request as ChatRequest) ? ['a', 'b', 'c'] : []),
      delayMs: (at) => (at === 0 ? 60_000 : 0),
    })
    server.engine.script.delayMs = undefined
    const quick = await ended((await begin([line('quick')])).id)
    expect(quick.request_counts?.completed).toBe(1)
    server.engine.script.delayMs = 60_000
    const { id } = await begin([line('slow 1'), line('slow 2')])
    await until(() => server.engine.running === 2, 20_000, 'both lines run')
    expect((await client.batches.cancel(id)).status).toBe('cancelling')
    const batch = await ended(id, client, 'cancelled')
    expect(server.engine.cancelled).toHaveLength(2)
    expect(batch.cancelling_at).toBeGreaterThan(0)
    expect(batch.output_file_id).toBeUndefined()
    const left = await answersIn(batch.error_file_id)
    expect(left.map(({ custom_id, error }) => [custom_id, error?.code])).toEqual([
      ['slow 1', 'batch_cancelled'],
      ['slow 2', 'batch_cancelled'],
    ])
    expect((await client.batches.cancel(id)).status).toBe('cancelled')
    await expect(client.batches.cancel(quick.id)).rejects.toMatchObject({ status: 409 })
    await expect(client.batches.cancel('batch_none')).rejects.toMatchObject({ status: 404 })
  })

  it('tries a line again that was refused before it began, and no other', async () => {
    let refusals = 2
    await open({
      tokens: (request) => {
        const said = (request as ChatRequest).messages[0].content
        if (said === 'later' && refusals-- > 0) throw new ApiError('overloaded', 'Busy.', null, 1)
        if (said === 'broken') throw new ApiError('engine_failed', 'It broke.')
        return ['ok']
      },
    })
    const batch = await ended((await begin([line('later'), line('broken')])).id)
    expect((await answersIn(batch.output_file_id)).map(({ custom_id }) => custom_id)).toEqual(['later'])
    expect((await answersIn(batch.error_file_id)).map(({ response }) => response?.status_code)).toEqual([500])
    expect(asked().toSorted()).toEqual(['broken', 'later', 'later', 'later'])
  })

  it('of several lines up in pages, the newest first', async () => {
    await open()
    const made = []
    for (const name of ['1', '2', '3']) {
      made.push((await begin([line(name)])).id)
      await wait(3)
    }
    const ids = []
    for await (const batch of client.batches.list({ limit: 2 })) ids.push(batch.id)
    expect(ids).toEqual(made.toReversed())
    for (const id of made) await ended(id)
  })

  it('takes turns with others when it is long', async () => {
    await open({ tokens: () => ['a'], delayMs: 20 }, { ...batchTimes, turnMs: 30 })
    const many = (name: string) => Array.from({ length: 40 }, (_, at) => line(`${name} ${at}`))
    const batches = [await begin(many('a')), await begin(many('b')), await begin(many('c'))]
    for (const { id } of batches) {
      const batch = await ended(id)
      expect(batch.request_counts).toEqual({ total: 40, completed: 40, failed: 0 })
    }
    expect(asked()).toHaveLength(120)
    expect(new Set(asked()).size).toBe(120)
  })
})

describe('a server that is killed in the middle of a batch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-batch-kill-'))
  const journal = join(folder, 'journal')
  const children: ChildProcess[] = []
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  /** A server process over a scripted engine that notes when a line begins and when it has been answered whole. */
  async function start(): Promise<{ url: string; kill: () => Promise<void> }> {
    const module = fileURLToPath(new URL('./testing/batch-server.ts', import.meta.url))
    const child = spawn(process.execPath, [module, folder, journal], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', (text) => resolve(String(text).trim()))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const kill = () => {
      child.kill('SIGKILL')
      return gone
    }
    return { url, kill }
  }
  const noted = (what: 'begun' | 'ended') =>
    readFileSync(journal, 'utf8')
      .split('\n')
      .filter((each) => each.startsWith(`${what} `))
      .map((each) => each.slice(6))

  it('goes on where it was: no line is lost, and none that was answered is run again', async () => {
    const names = Array.from({ length: 150 }, (_, at) => `line ${at}`)
    let child = await start()
    let by = clientOf(child.url)
    const input_file_id = await upload(names.map((name) => JSON.stringify(line(name))).join('\n'), by)
    const { id } = await by.batches.create({ input_file_id, endpoint, completion_window: '24h' })
    /** Whose answers were kept when the server died. */
    for (const share of [30, 80]) {
      while (((await by.batches.retrieve(id)).request_counts?.completed ?? 0) < share) await wait(10)
      await child.kill()
      child = await start()
      by = clientOf(child.url)
    }
    const batch = await ended(id, by)
    expect(batch.request_counts).toEqual({ total: 150, completed: 150, failed: 0 })
    const answers = await answersIn(batch.output_file_id, by)
    expect(answers.map(({ custom_id }) => custom_id)).toEqual(names)
    expect(new Set(noted('ended'))).toEqual(new Set(names))
    // Only what was under way when a server died is begun anew: at most eight lines each time.
    expect(noted('begun').length - names.length).toBeLessThanOrEqual(2 * 8)
    const output = (await by.files.list({ purpose: 'batch_output' })).data
    expect(output).toHaveLength(1)
    await child.kill()
  }, 120_000)
})

describe('lines of a file', () => {
  const collect = async (chunks: Uint8Array[], most: number) => {
    const lines = []
    for await (const each of linesOf(
      (async function* () {
        yield* chunks
      })(),
      most,
    ))
      lines.push(each)
    return lines
  }
  it('lie where they say, however the file is cut', async () => {
    const text = fc.array(fc.constantFrom('a', '点', '\n', '\r\n', ' ', '{}', '\ufeff'), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(200), { maxLength: 5 }), async (pieces, cuts) => {
        const bytes = Buffer.from(pieces.join(''))
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
        const lines = await collect(
          at.slice(1).map((to, index) => bytes.subarray(at[index], to)),
          1000,
        )
        const expected = bytes
          .toString()
          .replace(/^\ufeff/, '')
          .split('\n')
          .map((each) => each.replace(/\r$/, ''))
        expect(lines.map((each) => each.bytes?.toString())).toEqual(expected.filter((each) => !/^[ \r]*$/.test(each)))
        for (const each of lines) expect(bytes.subarray(each.offset, each.offset + each.length)).toEqual(each.bytes)
        const numbers = expected.flatMap((each, index) => (/^[ \r]*$/.test(each) ? [] : [index + 1]))
        expect(lines.map((each) => each.number)).toEqual(numbers)
      }),
      { numRuns: 300 },
    )
  })
  it('that are too long are not held, and the next one is found', async () => {
    const chunks = [Buffer.alloc(600, 'a'), Buffer.alloc(600, 'a'), Buffer.from('\nshort')]
    const lines = await collect(chunks, 1000)
    expect(lines.map((each) => [each.number, each.length, each.bytes?.toString()])).toEqual([
      [1, 1200, undefined],
      [2, 5, 'short'],
    ])
  })
})
