import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runFromMenu } from './menu.ts'

let folder: string
const at = (name: string) => pathToFileURL(join(folder, name))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'menu-'))
  writeFileSync(join(folder, 'here.mjs'), 'export const main = async (args) => { globalThis.menuArguments = args }')
  writeFileSync(join(folder, 'mute.mjs'), 'export const other = 1')
})

afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const menu = {
    here: { module: at('here.mjs'), meaning: 'is here' },
    gone: { module: at('gone.mjs'), meaning: 'is gone' },
    mute: { module: at('mute.mjs'), meaning: 'has no main' },
  }
  const code = await runFromMenu('npm run bench', menu, args, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

test('lists what exists, and only that', async () => {
  const { code, text } = await run()
  expect(code).toBe(0)
  expect(text).toContain('here  is here')
  expect(text).not.toContain('gone')
})

test('runs by name with the remaining arguments', async () => {
  expect(await run('here', '--log', '3')).toEqual({ code: 0, text: '' })
  expect((globalThis as { menuArguments?: string[] }).menuArguments).toEqual(['--log', '3'])
})

test('says what there is instead of a name that is not there', async () => {
  for (const name of ['gone', 'toString', 'nonsense']) {
    expect(await run(name)).toEqual({ code: 2, text: `There is no "${name}" here. There is: here, mute.` })
  }
})

test('refuses a module without main', async () => {
  await expect(run('mute')).rejects.toThrow('mute.mjs exports no main(args)')
})
