import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { add } from '#tensor/elementwise'
import { input } from '#tensor/graph'
import { toOnnx } from '#tensor/program'
import { scanImports } from './imports.ts'
import { readTree } from './tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs the code, which may name our doors, as a module of its own in a process that nothing was told: ONNX Runtime
 * reports nothing where a variable (CI, GITHUB_ACTIONS and others) says that a machine for builds runs it.
 */
function runAlone(code: string, home: string): string {
  const script = join(home, 'script.mjs')
  writeFileSync(
    script,
    code.replaceAll(/'#([\w/-]+)'/g, (_, door: string) => `'${pathToFileURL(join(root, door))}.ts'`),
  )
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home }
  const child = spawnSync(process.execPath, [script], { cwd: root, env })
  expect(child.stderr.toString()).toBe('')
  rmSync(script)
  return child.stdout.toString()
}

/** What ONNX Runtime's reports leave in the home folder of such a process. */
function traces(code: string): string[] {
  const home = mkdtempSync(join(tmpdir(), 'dotline-home-'))
  try {
    expect(runAlone(code, home)).toBe('computed\n')
    return readdirSync(home, { recursive: true }).map(String)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Long enough for ONNX Runtime to make its device number, which it does as soon as its first session stands. */
const moment = 'await new Promise((after) => setTimeout(after, 500))\nconsole.log("computed")\n'

const computing = `
import { input } from '#tensor/graph'
import { add } from '#tensor/elementwise'
import { compile } from '#tensor/program'
const x = input('x', [1])
await compile({ y: add(x, x) })
`

const training = `
import { presets } from '#model/config'
import { Replicas } from '#train/replicas'
const small = { vocabSize: 16, contextLength: 8, layers: 1, width: 8, heads: 1, kvHeads: 1, headWidth: 8, hidden: 16 }
const config = { ...presets.starter, ...small }
const micro = { rows: 1, length: 8, packed: false }
const made = new Replicas({ config, micro, optimizer: {}, useMuon: false, replicas: 1 })
const [ids, weights] = [new Int32Array(8), new Float32Array(8)]
await made.evaluate([{ tokens: ids, targets: ids, positions: ids, documents: ids, weights, seed: 0 }])
await made.close()
`

const serving = `
import { LocalEngine } from '#serve/local-engine'
const engine = new LocalEngine({ folder: 'starter', threads: 1 })
await engine.ready()
if (engine.status().state !== 'ready') throw new Error(engine.status().problem)
await engine.close()
`

describe.runIf(process.platform === 'linux')('what is computed is reported to nobody', () => {
  it('a report leaves traces that this test sees', () => {
    // Made here, since where our own code is loaded nothing is reported any more.
    const x = input('x', [1])
    const bytes = Buffer.from(toOnnx({ y: add(x, x) })).toString('base64')
    const plain = `
import { createRequire } from 'node:module'
const { InferenceSession } = createRequire('${root}')('onnxruntime-node')
await InferenceSession.create(Buffer.from('${bytes}', 'base64'))
`
    expect(traces(plain + moment)).not.toEqual([])
  })

  it('where a module is run by itself', () => {
    expect(traces(computing + moment)).toEqual([])
  })

  it('in the threads that train', () => {
    expect(traces(training + moment)).toEqual([])
  })

  it('in the thread that answers', () => {
    expect(traces(serving + moment)).toEqual([])
  })
})

it('one file alone loads ONNX Runtime', () => {
  const loading = [...readTree(root).files]
    .filter(([path]) => /\.tsx?$/.test(path))
    .filter(([path, source]) => scanImports(path, source).imports.some((each) => each.specifier === 'onnxruntime-node'))
  expect(loading.map(([path]) => path)).toEqual(['tensor/onnx/runtime.ts'])
})
