import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

// Each test starts processes; on a busy machine one may take many seconds.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })
const patience = { timeout: 120_000 }

const dotline = fileURLToPath(new URL('./dotline.ts', import.meta.url))
const recipe = {
  stage: 'pretrain',
  name: 'tiny',
  model: { layers: 1, width: 32, heads: 2, kvHeads: 1, headWidth: 16, hidden: 64, contextLength: 128 },
  tokenizer: { kind: 'bpe', vocabSize: 300 },
  data: [{ name: 'talk', generator: 'conversations', count: 40 }],
  validationShare: 0.1,
  sequence: 64,
  rows: 4,
  steps: 3,
  replicas: 1,
  evaluateRows: 2,
}

const running = new Set<ChildProcess>()

interface Outcome {
  code: number | null
  out: string
  err: string
}

/** Runs the command as a user does, in English unless told otherwise. */
function run(args: readonly string[], { input = '', env = {} as Record<string, string>, cwd = place } = {}) {
  const child = spawn(process.execPath, [dotline, ...args], {
    cwd,
    env: { ...process.env, LC_ALL: '', LANG: 'en_US.UTF-8', PORT: '', ...env },
  })
  running.add(child)
  const outcome: Outcome = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => (outcome.out += chunk))
  child.stderr.on('data', (chunk) => (outcome.err += chunk))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<Outcome>((resolve) =>
    child.once('close', (code) => {
      running.delete(child)
      resolve({ ...outcome, code })
    }),
  )
  return { child, ended, outcome }
}
const done = (args: readonly string[], options?: Parameters<typeof run>[1]) => run(args, options).ended

/** The first line of a refusal: one sentence, no stack. */
function expectRefusal({ code, out, err }: Outcome, expected: number, ...words: string[]): void {
  expect(code).toBe(expected)
  expect(out).toBe('')
  expect(err).toMatch(/^dotline: /)
  expect(err).not.toMatch(/\n\s+at |node:internal/)
  for (const word of words) expect(err).toContain(word)
}

let place: string
let model: string
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'dotline-command-'))
  writeFileSync(join(place, 'run.json'), JSON.stringify(recipe))
  model = join(place, 'tiny')
  const trained = await done(['train', 'pretrain', '--config', 'run.json', '--folder', model])
  expect(trained.err).toContain('The report is')
  expect(trained.code).toBe(0)
})
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(place, { recursive: true, force: true })
})

describe('dotline', () => {
  it('lists its commands, each of which explains itself', async () => {
    const overview = await done(['--help'])
    expect(overview.code).toBe(0)
    const names = [...overview.out.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name)
    const models = ['serve', 'chat', 'generate', 'train', 'exam', 'model', 'manifest', 'tokenizer', 'config', 'doctor']
    const kept = ['limit', 'usage', 'audit', 'backup', 'restore', 'verify', 'user', 'key', 'org']
    expect(names).toEqual([...models, ...kept])
    for (const help of await Promise.all(names.map((name) => done([name, '--help'])))) {
      expect(help.code).toBe(0)
      expect(help.out).toMatch(/^dotline \w+: [\s\S]*Usage:[\s\S]*Exit codes: 0/)
    }
  })

  it('speaks Chinese where the terminal does or --lang says so, with the same exit codes and the same JSON', async () => {
    const env = { LANG: 'zh_CN.UTF-8' }
    const outcomes = (args: string[]) => Promise.all([done(args), done(args, { env }), done([...args, '--lang', 'zh'])])
    const [english, ...overviews] = await outcomes(['--help'])
    expect(english.out).toContain('Usage: dotline')
    for (const { out, code } of overviews) expect([code, out]).toEqual([0, expect.stringContaining('用法：dotline')])
    const [, ...helps] = await outcomes(['train', '--help'])
    for (const { out } of helps) expect(out).toMatch(/^dotline train：[\s\S]*用法：[\s\S]*退出码：0/)
    const [usage, ...wrong] = await outcomes(['generate', '--top-p', '7'])
    expectRefusal(usage, 2, '--top-p takes a number')
    for (const each of wrong) expectRefusal(each, 2, '--top-p 应为 0 到 1 的数', '用 --help 查看说明')
    const [failed, ...refused] = await outcomes(['train', 'pretrain', '--config', 'nowhere.json'])
    expectRefusal(failed, 1, 'nowhere.json cannot be read')
    for (const each of refused) expectRefusal(each, 1, '找不到', 'nowhere.json')
    const [json, ...others] = await outcomes(['manifest', 'show', 'tiny', '--json'])
    for (const each of others) expect(each).toEqual(json)
    expectRefusal(await done(['chat', '--lang', 'fr'], { env }), 2, '--lang 只能是 en 或 zh')
    expect((await done(['--lang=en', '--help'], { env })).out).toBe(english.out)
    expect((await done(['tokenizer', 'encode', '--tokenizer', 'tiny/model', '--', '--lang'], { env })).code).toBe(0)
  })

  it('refuses what it does not know with exit code 2', async () => {
    const [none, unknown, option] = await Promise.all([done([]), done(['sing']), done(['chat', '--loud'])])
    expect([none.code, unknown.code]).toEqual([2, 2])
    expectRefusal(unknown, 2, 'no command "sing"')
    expectRefusal(option, 2, '--loud', 'See --help.')
  })
})

describe('dotline generate', () => {
  const ask = ['generate', '--model', 'tiny', '--max-tokens', '6', '--temperature', '1', '--seed', '3']

  it('continues a prompt or standard input, the same with the same seed', async () => {
    const [flag, piped] = await Promise.all([done([...ask, '--prompt', 'Hello']), done(ask, { input: 'Hello' })])
    expect(flag.code).toBe(0)
    expect(flag.out.length).toBeGreaterThan(1)
    expect(piped).toEqual(flag)
  })

  it('writes tokens and log-probabilities as JSON', async () => {
    const { out, code } = await done([...ask, '--prompt', 'Hello', '--json', '--logprobs', '2'])
    expect(code).toBe(0)
    const said = JSON.parse(out)
    expect(said).toMatchObject({ model: 'tiny', prompt: 'Hello', seed: 3, usage: { completion_tokens: 6 } })
    expect(said.tokens).toHaveLength(6)
    for (const { id, bytes, logprob, top } of said.tokens) {
      expect(id).toBeGreaterThanOrEqual(0)
      expect(bytes.length).toBeGreaterThan(0)
      expect(logprob).toBeLessThanOrEqual(0)
      expect(top).toHaveLength(2)
      expect(top[0].logprob).toBeGreaterThanOrEqual(top[1].logprob)
    }
  })

  it('fills the gap between a prompt and a suffix', async () => {
    const one = [...ask, '--prompt', 'one', '--json']
    const both = await Promise.all([done(one), done([...one, '--fim-suffix', 'three'])])
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const [plain, filled] = both.map(({ out }) => JSON.parse(out))
    expect(filled.suffix).toBe('three')
    expect(filled.usage.prompt_tokens).toBeGreaterThan(plain.usage.prompt_tokens + 3)
  })

  it.each<[string, number, string[]]>([
    ['--temperature', 2, ['--temperature', 'hot']],
    ['--top-p', 2, ['--top-p', '1.5']],
    ['--max-tokens', 2, ['--max-tokens', '0']],
    ['--logprobs', 2, ['--logprobs', '99']],
    ['stray', 2, ['stray']],
    ['nowhere', 1, ['--model', 'nowhere']],
    ['window', 1, ['--prompt', 'word '.repeat(2000)]],
  ])('names %s and ends with %d where it will not do', async (word, code, flags) => {
    const args = ['generate', '--model', 'tiny', '--prompt', 'a', ...flags]
    expectRefusal(await done(args), code, word)
  })
})

describe('dotline chat', () => {
  const ask = ['chat', '--model', 'tiny', '--max-tokens', '4', '--seed', '1']

  it('answers each line of standard input, and remembers what was said', async () => {
    const { out, code } = await done([...ask, '--json'], { input: 'Hi\n\nAgain\n/new\nHi\n/quit\nunheard\n' })
    expect(code).toBe(0)
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers).toHaveLength(3)
    const [first, second, third] = answers
    expect(first).toMatchObject({ role: 'assistant', usage: { completion_tokens: 4 }, dropped_messages: 0 })
    expect(second.usage.prompt_tokens).toBeGreaterThan(first.usage.prompt_tokens + 4)
    expect(third).toEqual(first)
  })

  it('keeps a system message, and names commands that it does not know', async () => {
    const { out, err } = await done([...ask, '--json', '--system', 'Be brief.'], { input: 'Hi\n/sing\n/system\nHi\n' })
    const [given, without] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(given.usage.prompt_tokens).toBeGreaterThan(without.usage.prompt_tokens)
    expect(err).toContain('There is no /sing')
  })

  it('speaks Chinese where the terminal does', async () => {
    const { err } = await done(ask, { input: '/sing\n', env: { LANG: 'zh_CN.UTF-8' } })
    expect(err).toContain('没有 /sing')
  })

  it('refuses a model that is none', async () => {
    mkdirSync(join(place, 'broken'), { recursive: true })
    writeFileSync(join(place, 'broken', 'config.json'), '{}')
    expectRefusal(await done(['chat', '--model', 'broken'], { input: 'Hi\n' }), 1, 'broken', '.json')
  })
})

describe('dotline serve', () => {
  it('says where it listens, answers, and stops when asked', async () => {
    const { child, ended, outcome } = run(['serve', '--model', 'tiny', '--port', '0', '--json', '--no-page'])
    await expect.poll(() => outcome.out, patience).toContain('"ready"')
    const [listening, ready] = outcome.out.split('\n').map((line) => line && JSON.parse(line))
    expect(listening).toMatchObject({ event: 'listening', model: 'tiny', page: false, chat: true, pid: child.pid })
    expect(ready.seconds).toBeGreaterThan(0)
    const reply = await fetch(`${listening.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 }),
    })
    expect(await reply.json()).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 2 } })
    child.kill('SIGTERM')
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out.trim().split('\n').at(-1)).toBe('{"event":"stopped"}')
  })

  it('tells a person what to try, in Chinese where the terminal is', async () => {
    const env = { LANG: 'zh_CN.UTF-8', PORT: '0' }
    const { child, ended, outcome } = run(['serve', '--model', 'tiny'], { env })
    await expect.poll(() => outcome.out, patience).toContain('模型已就绪')
    expect(outcome.out).toMatch(/监听 http:\/\/127\.0\.0\.1:\d+\n/)
    expect(outcome.out).toContain('/v1/chat/completions')
    expect(outcome.out).toMatch(/baseURL: 'http:\/\/127\.0\.0\.1:\d+\/v1'/)
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('suggests to continue a text where the model has no chat template', async () => {
    const settings = join(model, 'model', 'tokenizer_config.json')
    const before = readFileSync(settings, 'utf8')
    const { chat_template, ...base } = JSON.parse(before)
    expect(chat_template).toContain('<|im_start|>')
    writeFileSync(settings, JSON.stringify(base))
    const { child, ended, outcome } = run(['serve', '--model', 'tiny', '--port', '0'])
    await expect.poll(() => outcome.out, patience).toContain('The model answers')
    writeFileSync(settings, before)
    expect(outcome.out).not.toContain('/v1/chat')
    const [, url, body] = /curl (\S+\/v1\/completions) .*\n\s+-d '(.*)'\n/.exec(outcome.out) ?? []
    const reply = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    expect(await reply.json()).toMatchObject({ object: 'text_completion', model: 'tiny' })
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  })

  it('refuses ports, hosts and models that will not do', async () => {
    const [port, variable, host, none, taken] = await Promise.all([
      done(['serve', '--model', 'tiny', '--port', '70000']),
      done(['serve', '--model', 'tiny'], { env: { PORT: 'abc' } }),
      done(['serve', '--model', 'tiny', '--port', '0', '--host', '0.0.0.0']),
      done(['serve', '--model', 'nowhere']),
      done(['serve', 'tiny']),
    ])
    expectRefusal(port, 2, '--port')
    expectRefusal(variable, 2, 'PORT', 'abc')
    expectRefusal(host, 1, '0.0.0.0')
    expectRefusal(none, 1, 'nowhere')
    expectRefusal(taken, 2, '"tiny"')
  })

  it('ends with the reason where the model cannot be loaded', async () => {
    mkdirSync(join(place, 'empty'), { recursive: true })
    writeFileSync(join(place, 'empty', 'config.json'), '{"architectures": 1}')
    const { code, err } = await done(['serve', '--model', 'empty', '--port', '0', '--no-page', '--json'])
    expect(code).toBe(1)
    expect(err).toMatch(/dotline: .*empty.*\.json/)
    expect(err).not.toContain('node:internal')
  })
})

describe('dotline manifest', () => {
  it('shows sources, licences and counts, for a run as for its model', async () => {
    const shown = await done(['manifest', 'show', 'tiny'])
    expect(shown.code).toBe(0)
    expect(shown.out).toMatch(/dotline\/data\/conversations +Apache-2\.0 +\d+/)
    expect(await done(['manifest', 'show', 'tiny/model'])).toEqual(shown)
    const json = JSON.parse((await done(['manifest', 'show', 'tiny', '--json'])).out)
    expect(json).toMatchObject({ format: 'dotline-manifest', totals: { documents: 40 } })
  })

  it('verifies the manifest against the data, and finds what was changed', async () => {
    const holds = await done(['manifest', 'verify', 'tiny'])
    const said =
      'The manifest holds: 40 documents and their token files.\n40 raw documents are the ones of the manifest.\n'
    expect(holds).toMatchObject({ code: 0, out: said, err: '' })
    const tokens = join(model, 'data', 'talk.train.tokens')
    const before = readFileSync(tokens)
    const changed = Buffer.from(before)
    changed[changed.length - 1] ^= 1
    writeFileSync(tokens, changed)
    const broken = await done(['manifest', 'verify', 'tiny', '--data', 'tiny/data', '--json'])
    writeFileSync(tokens, before)
    expect(broken.code).toBe(1)
    expect(JSON.parse(broken.out)).toMatchObject({ ok: false })
    expect(JSON.parse(broken.out).problems.join()).toContain('talk.train')
    const path = join(model, 'model', 'manifest.json')
    const manifest = readFileSync(path, 'utf8')
    writeFileSync(path, manifest.replace('Apache-2.0', 'CC0-1.0'))
    const forged = await done(['manifest', 'verify', 'tiny'])
    writeFileSync(path, manifest)
    expect(forged.code).toBe(1)
    expect(forged.err).toContain('changed')
  })

  it('reads the raw documents again: names the first that differs, and the files that are not there', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => ({ text: `Line ${i} of a book that nobody else has.` }))
    const put = (name: string, records: readonly object[]) =>
      writeFileSync(join(place, 'books', name), records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    mkdirSync(join(place, 'books'))
    put('a.jsonl', texts)
    put('b.jsonl', [{ text: 'A second book, of one line.' }])
    const common = { source: 'a shelf', licence: 'CC0-1.0' }
    const data = ['a', 'b'].map((name) => ({ ...common, name, path: `${name}.jsonl` }))
    writeFileSync(join(place, 'books', 'run.json'), JSON.stringify({ ...recipe, name: 'read', data, sequence: 32 }))
    const trained = await done(['train', 'pretrain', '--config', 'books/run.json', '--folder', 'read'])
    expect(trained.code).toBe(0)
    // Of books alone comes a base model, which no chat template calls a talker.
    expect(readFileSync(join(place, 'read', 'model', 'tokenizer_config.json'), 'utf8')).not.toContain('chat_template')
    const holds = await done(['manifest', 'verify', 'read'])
    expect(holds).toMatchObject({ code: 0, err: '' })
    const { raw } = JSON.parse((await done(['manifest', 'verify', 'read', '--json'])).out)
    expect(raw).toMatchObject({ ok: true, missing: 0, unchecked: 0, absent: [], inherited: 0 })
    put('a.jsonl', [...texts.slice(0, 11), { text: 'Another line' }, ...texts.slice(12)])
    rmSync(join(place, 'books', 'b.jsonl'))
    const differs = await done(['manifest', 'verify', 'read'])
    expect(differs.code).toBe(1)
    expect(differs.err).toMatch(/changed there: 1\. The first: a\.jsonl:12 of a shelf/)
    expect(differs.err).toContain('Not here, so not checked: books/b.jsonl')
    const elsewhere = await done(['manifest', 'verify', 'read', '--base', 'nowhere'])
    expect(elsewhere).toMatchObject({ code: 0, err: expect.stringContaining('nowhere/a.jsonl') })
    const alone = await done(['manifest', 'verify', fileURLToPath(new URL('../starter', import.meta.url))])
    expect(alone).toMatchObject({ code: 0, err: expect.stringContaining('The raw documents were not checked') })
  })

  it('verifies a run that started from another’s weights, and says whose files were not checked', async () => {
    const { model: _, tokenizer: __, ...rest } = recipe
    const data = [{ name: 'talk', generator: 'conversations', count: 30 }]
    const config = { ...rest, stage: 'sft', name: 'tuned', init: '../tiny/model', data }
    mkdirSync(join(place, 'tuning'))
    writeFileSync(join(place, 'tuning', 'run.json'), JSON.stringify(config))
    expect(await done(['train', 'sft', '--config', 'tuning/run.json', '--folder', 'tuned'])).toMatchObject({ code: 0 })
    const alone = await done(['manifest', 'verify', 'tuned'])
    expect(alone).toMatchObject({ code: 0, out: expect.stringContaining('70 documents and their token files') })
    expect(alone.err).toContain('started from were not checked (talk.train')
    const both = await done(['manifest', 'verify', 'tuned', '--data', 'tuned/data', '--data', 'tiny/data'])
    expect(both.code).toBe(0)
    expect(both.err).not.toContain('were not checked (')
    rmSync(join(place, 'tuned', 'data', 'talk.train.json'))
    expect((await done(['manifest', 'verify', 'tuned'])).code).toBe(1)
  })

  it('refuses what is no manifest, and what it is not told', async () => {
    expectRefusal(await done(['manifest', 'show', 'nowhere']), 1, 'manifest.json does not exist')
    expectRefusal(await done(['manifest']), 2, 'manifest show')
    expect((await done(['manifest', 'verify', 'nowhere'])).code).toBe(1)
  })
})

describe('dotline tokenizer', () => {
  it('trains on a file, encodes and decodes to the same text', async () => {
    for (let i = 0; i < 50; i++) appendFileSync(join(place, 'words.txt'), 'the cat and the hat, 你好\n')
    const args = ['tokenizer', 'train', '--data', 'words.txt', '--vocab-size', '280', '--out', 'made', '--json']
    const trained = await done(args)
    expect(JSON.parse(trained.out)).toMatchObject({ path: join(place, 'made', 'tokenizer.json'), vocabSize: 280 })
    const encoded = await done(['tokenizer', 'encode', '--tokenizer', 'made'], { input: 'the hat 你好 🙂' })
    expect(encoded.out).toMatch(/^\d+( \d+)*\n$/)
    const decoded = await done(['tokenizer', 'decode', '--tokenizer', 'made'], { input: encoded.out })
    expect(decoded).toMatchObject({ code: 0, out: 'the hat 你好 🙂\n' })
  })

  it('encodes a model’s special tokens only where it is told to', async () => {
    const encode = (flags: string[]) =>
      done(['tokenizer', 'encode', '--tokenizer', 'tiny/model', '<|im_end|>', '--json', ...flags])
    expect(JSON.parse((await encode([])).out).ids.length).toBeGreaterThan(1)
    expect(JSON.parse((await encode(['--special'])).out).tokens).toEqual(['<|im_end|>'])
    const info = JSON.parse((await done(['tokenizer', 'info', '--tokenizer', 'tiny', '--json'])).out)
    expect(info).toMatchObject({ specialTokens: { '<|im_end|>': expect.any(Number) } })
  })

  it.each<[string[], number, string]>([
    [['sing'], 2, 'train, encode, decode or info'],
    [['decode', '--tokenizer', 'tiny', 'x1'], 2, 'x1'],
    [['decode', '--tokenizer', 'tiny', '99999'], 2, '99999'],
    [['info', '--tokenizer', 'nowhere'], 1, 'nowhere'],
    [['info', '--tokenizer', 'run.json'], 1, 'tokenizer'],
    [['train', '--out', 'x'], 2, '--data'],
    [['train', '--data', 'run.json', '--out', 'x', '--vocab-size', '100'], 2, '--vocab-size'],
    [['train', '--data', 'nowhere.txt', '--out', 'x', '--vocab-size', '300'], 1, 'nowhere.txt'],
  ])('refuses %j', async (args, code, word) => expectRefusal(await done(['tokenizer', ...args]), code, word))
})

describe('dotline train', () => {
  it('plans without training', async () => {
    const { code, out } = await done(['train', 'pretrain', '--config', 'run.json', '--plan', '--json', '--folder', 'x'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ name: 'tiny', steps: 3, tokensPerStep: 256 })
  })

  it('refuses a wrong use with 2, and a wrong configuration with 1 and the field', async () => {
    writeFileSync(join(place, 'bad.json'), JSON.stringify({ ...recipe, steps: 'many' }))
    expectRefusal(await done(['train']), 2, 'dotline train pretrain')
    expectRefusal(await done(['train', 'sft', '--config', 'run.json']), 2, '"pretrain"')
    expectRefusal(await done(['train', 'pretrain', '--config', 'bad.json']), 1, 'bad.json', 'steps')
    expectRefusal(await done(['train', 'pretrain', '--config', 'none.json']), 1, 'none.json')
    expectRefusal(
      await done(['train', 'pretrain', '--config', 'run.json', '--depth', '2', '--minutes', '1']),
      2,
      'dial',
    )
    const again = await done(['train', 'pretrain', '--config', 'run.json', '--folder', 'tiny', '--json'])
    expectRefusal(again, 1, '--resume')
  })
})
