/** Portkey's gateway, from npm, in a temporary folder: one process, told by headers what stands behind it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PeerError } from '#trials/peers/peer-process'
import { freePort } from '../serving/contestants.ts'

const version = '1.15.2'
const place = join(tmpdir(), `dotline-peer-portkey-${version}`)
const program = join(place, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js')

export interface Portkey {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  headers: Record<string, string>
  version: string
  close(): Promise<void>
}

/** Installs it where it is missing. @returns null, or why it is not there */
export function ensurePortkey(): string | null {
  if (existsSync(program)) return null
  console.log(`installing @portkey-ai/gateway ${version} into ${place}`)
  mkdirSync(place, { recursive: true })
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const wish = ['--ignore-scripts', '--no-audit', '--no-fund', '--silent', `@portkey-ai/gateway@${version}`]
  const { status, error, stderr } = spawnSync(npm, ['install', '--prefix', place, ...wish], { encoding: 'utf8' })
  if (error) return error.message
  return status === 0 && existsSync(program) ? null : `npm ended with ${status}: ${stderr.trim().slice(-300)}`
}

export async function startPortkey(upstream: { url: string }): Promise<Portkey> {
  const port = await freePort()
  // Addresses of this machine are refused otherwise.
  const env = { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' }
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], { env, stdio: 'ignore' })
  const gone = once(child, 'exit')
  const close = async () => {
    child.kill('SIGKILL')
    await gone
  }
  const headers = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstream.url }
  for (let tries = 0; ; tries++) {
    const alive = await fetch(`http://127.0.0.1:${port}/`).catch(() => null)
    if (alive !== null) return { url: `http://127.0.0.1:${port}/v1`, headers, version, close }
    if (child.exitCode !== null || tries > 300) {
      await close()
      throw new PeerError('Portkey’s gateway did not start')
    }
    await wait(200)
  }
}
