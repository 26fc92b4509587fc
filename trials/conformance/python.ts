import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { said } from './scripts.ts'
import type { Site } from './site.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, '.peers', 'openai')
const python = join(folder, 'bin', 'python')
const script = join(root, 'trials', 'peers', 'openai_client.py')
const version = '2.54.0'

/** Whether OpenAI's Python client is there. */
export const hasPython = (): boolean => existsSync(python) && spawnSync(python, ['-c', 'import openai']).status === 0

/** Fetches it into a folder that git ignores. Says why where it cannot. */
export function ensurePython(): string | null {
  if (hasPython()) return null
  const made = spawnSync('python3', ['-m', 'venv', folder], { encoding: 'utf8' })
  if (made.status !== 0) return made.error?.message ?? made.stderr.trim()
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', `openai==${version}`]
  const got = spawnSync(python, pip, { encoding: 'utf8' })
  return got.status === 0 ? null : (got.stderr.trim().split('\n').at(-1) ?? 'pip failed')
}

/** One check of trials/peers/openai_client.py. @throws where it fails */
export async function checkByPython({ url }: Site, name: string): Promise<void> {
  await run(python, [script, url, said, name], {
    timeout: 120_000,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  })
}
