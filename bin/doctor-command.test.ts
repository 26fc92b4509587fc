import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'
import { chinese } from './catalogue/chinese.ts'
import { english } from './catalogue/english.ts'
import { UsageError } from './command.ts'
import { bounds, disk, memory, node, page, runtime } from './commands/doctor/machine.ts'
import { doctor } from './commands/doctor.ts'

vi.setConfig({ testTimeout: 60_000 })

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dotline-doctor-'))
  vi.stubEnv('LC_ALL', 'en_US.UTF-8')
  vi.stubEnv('DOTLINE_DATA', join(root, 'data'))
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true })
})

async function run(...argv: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`))
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '')
  try {
    return { code: await doctor.run(argv), out }
  } finally {
    log.mockRestore()
    write.mockRestore()
  }
}

interface Told {
  check: string
  state: string
  message: string
  remedy: string | null
  [fact: string]: unknown
}

async function findings(...argv: string[]): Promise<{ code: number; ok: boolean; of: (check: string) => Told[] }> {
  const { code, out } = await run('--json', ...argv)
  const { ok, findings: all } = JSON.parse(out) as { ok: boolean; findings: Told[] }
  for (const { state, remedy } of all) expect(remedy === null).toBe(state === 'ok')
  return { code, ok, of: (name) => all.filter(({ check }) => check === name) }
}

/** Runs something while another program listens. */
async function besides<T>(answer: RequestListener, act: (port: string) => Promise<T>): Promise<T> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await act(String((server.address() as AddressInfo).port))
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

function damagedModel(): string {
  const folder = join(root, 'damaged')
  mkdirSync(folder)
  writeFileSync(join(folder, 'config.json'), '{"model_type": "llama"}')
  return folder
}

describe('dotline doctor', () => {
  it('finds this checkout’s model, opens it, and is content', async () => {
    const { code, ok, of } = await findings('--port', '0')
    expect([code, ok]).toEqual([0, true])
    expect(of('model')).toMatchObject([
      { name: 'dotline-starter', state: 'ok', contextLength: 512 },
      { name: 'dotline-embed', state: 'ok', contextLength: 8192 },
    ])
    expect(of('runtime')[0].providers).toContain('cpu')
    expect(of('node')[0].version).toBe(process.versions.node)
    expect(of('port')[0]).toMatchObject({ found: 'free', state: 'ok' })
  })

  it('says in either language what is broken, and the remedy; JSON has one language', async () => {
    const folder = damagedModel()
    const ask = ['--model', folder, '--port', '0']
    const { code, out } = await run(...ask)
    expect(code).toBe(1)
    expect(out).toMatch(/^✗ model .*damaged does not open: .+\n {2}→ Bring back the files of .*damaged/m)
    expect(out).toContain('Broken: 1.')
    const json = await findings(...ask)
    vi.stubEnv('LC_ALL', 'zh_CN.UTF-8')
    const told = await run(...ask)
    expect(told.code).toBe(1)
    expect(told.out).toMatch(/^✗ 模型 .*damaged 无法打开：.+\n {2}→ 请恢复 .*damaged/m)
    expect(told.out).toContain('故障：1 处')
    const { of } = await findings(...ask)
    expect(of('model')).toEqual(json.of('model'))
    expect(of('model')[0]).toMatchObject({ state: 'broken', found: 'damaged' })
  })

  it('looks at every registered model, and at a registry that cannot be read', async () => {
    const models = join(root, 'data', 'models')
    mkdirSync(models, { recursive: true })
    const about = { added: 0, contextLength: null, capabilities: [], price: null, licence: null }
    const entry = { kind: 'local', folder: damagedModel(), bytes: 1, manifest: null, ...about }
    writeFileSync(
      join(models, 'registry.json'),
      JSON.stringify({ version: 1, default: 'mine', models: { mine: entry }, aliases: {} }),
    )
    const registered = await findings('--port', '0')
    expect(registered.code).toBe(1)
    expect(registered.of('model').map(({ name, state }) => [name, state])).toEqual([
      ['dotline-starter', 'ok'],
      ['dotline-embed', 'ok'],
      ['mine', 'broken'],
    ])
    writeFileSync(join(models, 'registry.json'), '{')
    const damaged = await findings('--port', '0')
    expect(damaged.code).toBe(1)
    expect(damaged.of('model')[2]).toMatchObject({ found: 'registry', state: 'broken' })
    expect(damaged.of('model')[2].remedy).toContain(models)
  })

  it('tells a port that another program holds from one where Dotline runs', async () => {
    const taken = await besides(
      (_request, reply) => void reply.end('hello'),
      (port) => findings('--port', port, '--model', damagedModel()),
    )
    expect(taken.of('port')[0]).toMatchObject({ found: 'taken', state: 'broken' })
    expect(taken.of('port')[0].remedy).toContain('--port')
    const options = { host: '127.0.0.1', port: 0, modelFolder: root, pageFolder: null }
    const server = await startServer(options, () => new ScriptedEngine({ tokens: () => ['a'] }))
    try {
      const ours = await findings('--port', new URL(server.url).port, '--model', join(root, 'damaged'))
      expect(ours.of('port')[0]).toMatchObject({ found: 'dotline', state: 'ok' })
    } finally {
      await server.close(0)
    }
  })

  it('refuses arguments and ports that are none', async () => {
    await expect(run('loudly')).rejects.toThrow(UsageError)
    await expect(run('--port', '70000')).rejects.toThrow(UsageError)
  })
})

describe('what a machine may lack', () => {
  it('is told with its remedy: an old Node, little memory, few files, no page, no runtime', async () => {
    const lacking = [
      node('22.1.0'),
      memory(2 ** 29, 2 ** 33),
      bounds(1024),
      page(root),
      await runtime(() => Promise.reject(new Error('libonnxruntime.so.1: cannot open'))),
    ]
    expect(lacking.map(({ state }) => state)).toEqual(['broken', 'note', 'note', 'note', 'broken'])
    for (const { doctor: texts } of [english, chinese]) {
      const said = lacking.map(({ say, remedy }) => `${say(texts)} ${remedy?.(texts)}`)
      for (const [at, word] of ['22.1.0', '0.5 GiB', 'ulimit -n 4096', 'npm run build', 'npm ci'].entries())
        expect(said[at]).toContain(word)
    }
    expect(lacking[4].say(english.doctor)).toContain('libonnxruntime.so.1: cannot open')
  })

  it('is not told where nothing is lacking', () => {
    writeFileSync(join(root, 'index.html'), '')
    const states = [node('24.0.0'), memory(2 ** 31), bounds(4096), bounds(null), page(root), disk(join(root, 'a', 'b'))]
    for (const { state, remedy } of states) expect([state, remedy]).toEqual(['ok', undefined])
  })
})
