import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Sandbox } from './sandbox.ts'

const sandbox = new Sandbox({ timeMs: 500, memoryBytes: 16 * 2 ** 20 })
afterAll(() => sandbox.close())

const tests = `const assert = require('node:assert')
assert.deepEqual(sorted([3, 1, 2]), [1, 2, 3])
console.assert(sorted([]).length === 0, 'empty')`

test('code that is right passes, and what fails is told', async () => {
  expect(await sandbox.check('function sorted(a) { return [...a].sort() }', tests)).toEqual({
    passed: true,
    problem: '',
  })
  expect(await sandbox.check('const sorted = (a) => a', tests)).toEqual({
    passed: false,
    problem: 'Error: [3,1,2] is not [1,2,3]',
  })
  expect(await sandbox.check('function sorted(a) { return a.lenght.x }', tests)).toMatchObject({
    passed: false,
    problem: expect.stringMatching(/TypeError/),
  })
  expect(await sandbox.check('function sorted(a) {', tests)).toMatchObject({
    passed: false,
    problem: expect.stringMatching(/SyntaxError/),
  })
  expect(await sandbox.check('const sorted = (a) => [1, 2, 3]', tests)).toMatchObject({
    passed: false,
    problem: 'Error: empty',
  })
})

test('code that runs forever, eats memory or calls itself without end is stopped, and the next runs', async () => {
  expect((await sandbox.check('while (true) {}', '')).problem).toBe('it ran longer than 500 ms')
  expect((await sandbox.check('const a = []; while (true) a.push(new Array(1000).fill(1))', '')).problem).toMatch(
    /memory|longer/,
  )
  expect((await sandbox.check('"x".repeat(1 << 29)', '')).passed).toBe(false)
  expect((await sandbox.check('const f = () => f() + 1; f()', '')).problem).toMatch(/stack|RangeError|InternalError/i)
  expect(
    (await sandbox.check('Promise.resolve().then(function again() { return Promise.resolve().then(again) })', ''))
      .passed,
  ).toBe(false)
  expect((await sandbox.check('/(a+)+$/.test("a".repeat(40) + "b")', '')).passed).toBe(false)
  expect(await sandbox.check('function sorted(a) { return [...a].sort() }', tests)).toEqual({
    passed: true,
    problem: '',
  })
})

test('code reaches no file, no network, no process, no module and no other program', async () => {
  const absent = [
    'process',
    'fetch',
    'Deno',
    'std',
    'os',
    'WebAssembly',
    'Worker',
    'XMLHttpRequest',
    'setTimeout',
    'globalThis.require.main',
  ]
  const checks = absent
    .map((name) => `if (typeof ${name} !== 'undefined') throw new Error('${name} is there')`)
    .join('\n')
  expect(await sandbox.check(checks, '')).toEqual({ passed: true, problem: '' })
  const marker = join(tmpdir(), `dotline-sandbox-${process.pid}`)
  const escapes = [
    `require('fs').writeFileSync('${marker}', 'x')`,
    `import('fs').then((fs) => fs.writeFileSync('${marker}', 'x'))`,
    `const p = console.log.constructor('return process')(); p.mainModule.require('fs').writeFileSync('${marker}', 'x')`,
    `this.constructor.constructor('return process')().exit(0)`,
  ]
  for (const escape of escapes) await sandbox.check(escape, '')
  expect(existsSync(marker)).toBe(false)
  await sandbox.check('globalThis.left = 1', '')
  expect((await sandbox.check('if (typeof left !== "undefined") throw new Error("left over")', '')).passed).toBe(true)
})

test('code cannot pass by doing away with its tests', async () => {
  const ways = [
    'console = { assert() {} }; function sorted() {}',
    'console.assert = () => {}; function sorted() { return [] }',
    'globalThis.require = () => ({ deepEqual() {} }); function sorted() { return [] }',
    'require("assert").deepEqual = () => {}; function sorted() { return [] }',
    'Object.defineProperty(globalThis, "console", { value: { assert() {} } }); function sorted() { return [] }',
    'function sorted() { return [] } /*',
    'function sorted() { return [] }; `',
    'throw 0',
  ]
  for (const way of ways) expect((await sandbox.check(way, tests)).passed, way).toBe(false)
})
