import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let checkout: string
const at = (...parts: string[]) => join(checkout, ...parts)

/** Stands for the real command: says how it was called, and obeys what its arguments ask for. */
const command = `
console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd() }))
let received = 0
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    received++
    setTimeout(() => { console.log(signal, received); process.exit(7) }, 400)
  })
}
const [, how] = process.argv.slice(2)
if (how === 'leave') process.exit(5)
if (how === 'die') process.kill(process.pid, 'SIGKILL')
console.log('waiting')
setInterval(() => {}, 1000)
`

/** Stands for vite: leaves a page that says when it was built. */
const vite = `
import { mkdirSync, writeFileSync } from 'node:fs'
const folder = process.argv[process.argv.indexOf('--outDir') + 1]
mkdirSync(folder, { recursive: true })
writeFileSync(folder + '/index.html', String(process.hrtime.bigint()))
`

beforeAll(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')))
  copyFileSync(fileURLToPath(new URL('../../run.mjs', import.meta.url)), at('run.mjs'))
  for (const folder of ['bin', 'web', 'node_modules/vite/bin']) mkdirSync(at(folder), { recursive: true })
  const lock = '{"packages":{"":{}}}'
  writeFileSync(at('package.json'), '{"type":"module"}')
  writeFileSync(at('package-lock.json'), lock)
  const stamp = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`
  writeFileSync(at('node_modules', '.dotline-lock'), stamp)
  writeFileSync(at('node_modules', 'vite', 'package.json'), '{"type":"module"}')
  writeFileSync(at('node_modules', 'vite', 'bin', 'vite.js'), vite)
  writeFileSync(at('bin', 'dotline.ts'), command)
  writeFileSync(at('web', 'index.html'), 'first')
})

afterAll(() => rmSync(checkout, { recursive: true }))

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

function run(args: string[], meet: (child: ChildProcess, out: string) => void = () => {}, more = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [at('run.mjs'), ...args], {
      cwd: tmpdir(),
      env: { ...process.env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (part) => {
      out += part
      meet(child, out)
    })
    child.stderr.on('data', (part) => {
      err += part
    })
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

describe('run.mjs', () => {
  test('says what it can do, and that this is no success', async () => {
    for (const args of [[], ['nonsense'], ['toString']]) {
      const { code, out, err } = await run(args)
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain('npm run dotline -- --help')
    }
  })

  test("hands over arguments and the caller's folder, and gives back the exit code", async () => {
    const { code, out, err } = await run(['dotline', 'chat', 'leave', '--json'])
    expect([code, err]).toEqual([5, ''])
    expect(JSON.parse(out)).toEqual({ args: ['chat', 'leave', '--json'], cwd: realpathSync(tmpdir()) })
  })

  test('ends by the signal that ended the program', async () => {
    expect(await run(['dotline', 'chat', 'die'])).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s once, and waits', async (signal) => {
    let sent = false
    const { code, out } = await run(['dotline', 'serve'], (child, seen) => {
      if (sent || !seen.includes('waiting')) return
      sent = true
      child.kill(signal)
      setTimeout(() => child.kill(signal), 100)
    })
    expect(code).toBe(7)
    expect(out).toContain(`${signal} 1\n`)
  })

  test('names a command whose file is not there', async () => {
    const { code, err } = await run(['check:peers'])
    expect([code, err]).toEqual([1, 'trials/peers/check.ts is not in this checkout.\n'])
  })
})

describe('start', () => {
  const page = () => readFileSync(at('dist', 'page', 'index.html'), 'utf8')

  test('builds the page once, again when a source has changed, and serves', async () => {
    const first = await run(['start', 'leave', '--port', '9'])
    expect([first.code, first.err]).toEqual([5, 'Building the page ...\n'])
    expect(JSON.parse(first.out).args).toEqual(['serve', 'leave', '--port', '9'])
    const built = page()

    expect((await run(['start', 'leave'])).err).toBe('')
    writeFileSync(at('web', 'page.test.tsx'), 'a test is no source of the page')
    expect((await run(['start', 'leave'])).err).toBe('')
    expect(page()).toBe(built)

    writeFileSync(at('web', 'index.html'), 'second')
    expect((await run(['start', 'leave'])).err).toBe('Building the page ...\n')
    expect(page()).not.toBe(built)
  })

  test('keeps the old page where the new one does not build, and says why', async () => {
    const before = page()
    writeFileSync(at('node_modules', 'vite', 'bin', 'vite.js'), 'throw new Error("no such colour")')
    writeFileSync(at('web', 'index.html'), 'third')
    const { code, out, err } = await run(['start', 'leave'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('The page could not be built')
    expect(err).toContain('no such colour')
    expect(page()).toBe(before)
  })
})

describe('packages', () => {
  const onnx = (...parts: string[]) => at('node_modules', 'onnxruntime-node', 'bin', 'napi-v6', ...parts)

  test('that npm has installed as locked stay, without the libraries of other platforms', async () => {
    const lock =
      '{"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"1.0.0","optional":true}}}'
    writeFileSync(at('package-lock.json'), lock)
    writeFileSync(at('node_modules', '.package-lock.json'), '{"packages":{"node_modules/a":{"version":"1.0.0"}}}')
    for (const place of [
      [process.platform, process.arch],
      [process.platform, 'other'],
      ['elsewhere', process.arch],
    ]) {
      mkdirSync(onnx(...place), { recursive: true })
    }
    expect(await run(['dotline', 'chat', 'leave'])).toMatchObject({ code: 5, err: '' })
    expect(existsSync(onnx(process.platform, process.arch))).toBe(true)
    expect(existsSync(onnx(process.platform, 'other'))).toBe(false)
    expect(existsSync(onnx('elsewhere', process.arch))).toBe(false)
  })

  test('that differ from the lockfile are installed once by npm ci; its failure is told with a remedy', async () => {
    const npm = { npm_execpath: at('npm-cli.cjs') }
    writeFileSync(at('package-lock.json'), '{"packages":{"":{},"node_modules/a":{"version":"2.0.0"}}}')

    writeFileSync(npm.npm_execpath, "console.error('no such registry'); process.exit(1)")
    const failed = await run(['dotline', 'chat', 'leave'], undefined, npm)
    expect([failed.code, failed.out]).toEqual([1, ''])
    expect(failed.err).toMatch(/npm ci failed: no such registry\nRemedy: /)

    writeFileSync(
      npm.npm_execpath,
      "require('node:fs').appendFileSync('called', process.argv.slice(2).join(' ') + ';')",
    )
    for (let time = 0; time < 2; time++) expect((await run(['dotline', 'chat', 'leave'], undefined, npm)).code).toBe(5)
    expect(readFileSync(at('called'), 'utf8')).toBe('ci --include=dev --include=optional --loglevel=error;')
  })
})
