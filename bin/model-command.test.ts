import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { chatTemplate, messageEnd, padding, specialTokens } from '#model/chat'
import { type GptConfig, parameterSpecs, presets } from '#model/config'
import { readGguf } from '#model/gguf'
import { trainTokenizer } from '#model/tokenizer-training'
import { saveModel } from '#model/weights'
import { readRegistry } from '#serve/registry'
import { startServer } from '#serve/start'
import { UsageError } from './command.ts'
import { model } from './commands/model.ts'
import { registeredModels } from './commands/serve/registered.ts'

let root: string
let data: string
let source: string
beforeAll(async () => {
  vi.stubEnv('LANG', 'en_US.UTF-8')
  root = mkdtempSync(join(tmpdir(), 'dotline-models-'))
  source = join(root, 'tiny')
  await writeTiny(source)
})
afterAll(() => rmSync(root, { recursive: true }))
afterEach(() => rmSync(data, { recursive: true, force: true }))

async function writeTiny(folder: string): Promise<void> {
  const tokenizer = trainTokenizer(['hello there, how are you? '.repeat(20)], {
    vocabSize: 280,
    specialTokens: [...specialTokens],
  })
  const small = { vocabSize: tokenizer.vocabSize, contextLength: 64, layers: 1, width: 32, heads: 2, kvHeads: 1 }
  const config: GptConfig = { ...presets.starter, ...small, headWidth: 16, hidden: 48 }
  const parameters = new Map(
    parameterSpecs(config).map(({ name, shape, kind }, at) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [
        name,
        {
          shape,
          data: Float32Array.from({ length: size }, (_, i) => (kind === 'norm' ? 1 : Math.sin(i * (at + 3)) / 4)),
        },
      ]
    }),
  )
  const special = { eos: messageEnd, pad: padding }
  const tokenizerJson = JSON.stringify(tokenizer.toJson())
  await saveModel(folder, { config, parameters, tokenizerJson, chatTemplate, specialTokens: special, dtype: 'f32' })
  writeFileSync(join(folder, 'README.md'), '---\nlicense: mit\n---\n# Tiny\n')
}

async function dotline(...argv: string[]): Promise<string> {
  data = join(root, 'data')
  const printed: string[] = []
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line))
  try {
    await model.run([...argv, '--data', data])
  } finally {
    spy.mockRestore()
  }
  return printed.join('\n')
}
const registry = () => readRegistry(join(data, 'models'))

describe('dotline model', () => {
  it('adds a folder by opening it, and a server by its address', async () => {
    expect(await dotline('list')).toContain('dotline model add')
    expect(await dotline('add', source, '--price', 'EUR:0.1:0.05:0.4')).toContain('tiny is there')
    expect(registry().models.tiny).toMatchObject({
      kind: 'local',
      folder: 'tiny',
      contextLength: 64,
      licence: 'mit',
      manifest: null,
      price: { currency: 'EUR', input: 0.1, cached: 0.05, output: 0.4 },
    })
    expect(registry().models.tiny.capabilities).toEqual(expect.arrayContaining(['chat', 'completions', 'fill']))
    expect(existsSync(join(data, 'models', 'tiny', 'config.json'))).toBe(true)
    await dotline('add', '--url', 'http://10.0.0.5:8000/v1', '--private', '--upstream-model', 'Qwen/Q', '--name', 'big')
    await dotline('alias', 'chat', 'tiny', '--canary', 'big', '--share', '0.25')
    await dotline('default', 'chat')
    const listed = await dotline('list')
    expect(listed).toMatch(/tiny +64 .*mit/)
    expect(listed).toContain('chat * → tiny (big: 25 %)')
    expect(JSON.parse(await dotline('show', 'big'))).toMatchObject({ upstream: { model: 'Qwen/Q', private: true } })
    expect(await dotline('alias', 'chat', 'big')).toContain('leads to big')
    expect(await dotline('alias', 'chat', '--back')).toContain('on trial big: 25 %')
    await expect(dotline('remove', 'tiny')).rejects.toThrow("alias 'chat' leads to 'tiny'")
    await dotline('alias', 'chat', '--remove')
    await dotline('remove', 'tiny')
    expect(Object.keys(registry().models)).toEqual(['big'])
    expect(existsSync(join(data, 'models', 'tiny'))).toBe(false)
    expect(existsSync(join(source, 'config.json'))).toBe(true)
  })

  it('writes one file for llama.cpp', async () => {
    const file = join(root, 'tiny.gguf')
    expect(await dotline('export', source, file, '--gguf', 'q8_0')).toContain(`${file} is written`)
    const { metadata } = await readGguf(file)
    expect([metadata.get('general.license'), metadata.get('general.file_type')]).toEqual(['mit', 7])
  })

  it.each([
    [['export', 'x.gguf', '--gguf', 'q2']],
    [['add']],
    [['frobnicate']],
    [['show']],
    [['alias', 'x']],
    [['add', '--url', 'http://127.0.0.1/v1', '--upstream-model', 'm']],
    [['add', '--url', 'http://169.254.169.254/v1', '--private', '--upstream-model', 'm']],
    [['add', '--url', 'https://k@example.com/v1', '--upstream-model', 'm']],
    [['add', '--url', 'https://example.com/v1']],
    [
      [
        'add',
        '--url',
        'https://example.com/v1',
        '--upstream-model',
        'm',
        '--name',
        'm',
        '--capabilities',
        'chat,magic',
      ],
    ],
    [['add', '--url', 'https://example.com/v1', '--upstream-model', 'm', '--name', 'm', '--price', 'free']],
  ])('does not understand %j', async (argv) => {
    await expect(dotline(...argv)).rejects.toThrow(UsageError)
    expect(Object.keys(registry().models)).toEqual([])
  })

  it('copies nothing for a name that is a path, or for what is no model', async () => {
    await expect(dotline('add', source, '--name', '../out')).rejects.toThrow('../out')
    expect(existsSync(join(data, 'out'))).toBe(false)
    const broken = join(root, 'broken')
    await writeTiny(broken)
    writeFileSync(join(broken, 'model.safetensors'), 'no')
    await expect(dotline('add', broken)).rejects.toThrow()
    expect(registry().models).toEqual({})
  })

  it('is what a server serves: several models, and a change while it runs', async () => {
    await dotline('add', source, '--name', 'one')
    await dotline('add', source, '--name', 'two', '--link')
    const folder = join(data, 'models')
    const opener = registeredModels(folder, { starter: join(root, 'none'), embedder: join(root, 'none') }, {})
    if (opener === null) throw new Error('the registry names two models')
    const options = {
      host: '127.0.0.1',
      port: 0,
      modelFolder: folder,
      pageFolder: null,
      slots: 2,
      threads: 1,
      log: () => {},
    }
    const server = await startServer(options, opener)
    const ids = async () => {
      const reply = (await (await fetch(`${server.url}/v1/models`)).json()) as { data: { id: string }[] }
      return reply.data.map(({ id }) => id)
    }
    const say = (id: string) =>
      fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: id,
          max_tokens: 3,
          seed: 1,
          temperature: 0,
          messages: [{ role: 'user', content: 'hi' }],
        }),
      })
    expect([server.model, await ids()]).toEqual(['one', ['one', 'two']])
    const contents = []
    for (const id of ['one', 'two']) {
      const body = (await (await say(id)).json()) as { model: string; choices: { message: { content: string } }[] }
      expect(body.model).toBe(id)
      contents.push(body.choices[0].message.content)
    }
    expect(contents[0]).toBe(contents[1])
    await dotline('alias', 'fresh', 'two')
    await vi.waitFor(async () => expect(await ids()).toContain('fresh'), { timeout: 5000 })
    expect((await say('fresh')).status).toBe(200)
    await server.close(0)
  })
})
