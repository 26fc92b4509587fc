import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { said } from './scripts.ts'
import type { Site } from './site.ts'

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

/** The checks of trials/peers/openai_client.py, in one process: that client takes seconds to load. */
export class PythonChecks {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>

  constructor({ url }: Site) {
    this.#child = spawn(python, [script, url, said], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
    this.#child.stderr.pipe(process.stderr)
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** @throws where the check fails */
  async check(name: string): Promise<void> {
    this.#child.stdin.write(`${name}\n`)
    const line = await this.#lines.next()
    const problem: unknown = line.done === true ? 'Python ended' : JSON.parse(line.value)
    if (problem !== null) throw new Error(String(problem))
  }

  close(): void {
    this.#child.stdin.end()
  }
}
