/** LiteLLM's proxy, the gateway that most people put before their models: in a Python of its own, in a temporary folder. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PeerError } from '#trials/peers/peer-process'

/** The newest whose proxy could be installed whole (2026-11-24): those after it name packages that were nowhere to be had. */
const version = '1.105.7'
const place = join(tmpdir(), `dotline-peer-litellm-${version}`)
const program = join(place, 'bin', 'litellm')

export interface LiteLlm {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  key: string
  version: string
  /** Processes that serve. */
  workers: number
  close(): Promise<void>
}

/** Installs it where it is missing (some minutes, and Python's registry must be reached). @returns null, or why it is not there */
export function ensureLiteLlm(): string | null {
  if (existsSync(program)) return null
  console.log(`installing litellm[proxy] ${version} into ${place}`)
  const python = process.env.PYTHON ?? 'python3'
  const steps: [string, string[]][] = [
    [python, ['-m', 'venv', place]],
    [
      join(place, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', `litellm[proxy]==${version}`],
    ],
  ]
  for (const [command, args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (error) return error.message
    if (status !== 0) return `${command} ended with ${status}: ${stderr.trim().split('\n').slice(-3).join(' / ')}`
  }
  return existsSync(program) ? null : 'pip ended well, but there is no litellm'
}

/** Starts the proxy before an upstream. Keys, budgets and spend would need a database beside; it has a master key alone. */
export async function startLiteLlm(upstream: { url: string; model: string }, workers = 1): Promise<LiteLlm> {
  const folder = mkdtempSync(join(tmpdir(), 'dotline-litellm-'))
  const key = 'sk-dotline-bench'
  const file = join(folder, 'config.yaml')
  const parameters = { model: `openai/${upstream.model}`, api_base: upstream.url, api_key: 'none' }
  // YAML reads JSON.
  const settings = {
    model_list: [{ model_name: upstream.model, litellm_params: parameters }],
    general_settings: { master_key: key },
    litellm_settings: { num_retries: 0, telemetry: false, request_timeout: 60 },
  }
  writeFileSync(file, JSON.stringify(settings))
  const port = await freePort()
  const environment = {
    ...process.env,
    LITELLM_LOCAL_MODEL_COST_MAP: 'True',
    LITELLM_LOG: 'ERROR',
    LITELLM_MODE: 'PRODUCTION',
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const args = ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', String(workers)]
  const child = spawn(program, args, {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  const gone = once(child, 'exit')
  const close = async () => {
    // Its workers are processes of the same group.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; ; tries++) {
    const alive = await fetch(`${url}/health/liveliness`).catch(() => null)
    if (alive?.ok) return { url: `${url}/v1`, key, version, workers, close }
    if (child.exitCode !== null || tries > 600) {
      await close()
      throw new PeerError(`litellm did not start: ${said}`)
    }
    await wait(200)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
