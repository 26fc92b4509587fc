/** Our server with the scripted engine, in a process of its own: everything but a model. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScriptedEngine } from '#serve/scripted-engine'
import { startServer } from '#serve/start'
import type { Pace } from '../load/wire-server.ts'

export interface ScriptedProcess {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  model: string
  process: ChildProcess
  close(): Promise<void>
}

const program = fileURLToPath(import.meta.url)

/** Started with a data folder of its own, as a person's server has one: the ledger is written. */
export async function startScripted(pace: Pace): Promise<ScriptedProcess> {
  const data = mkdtempSync(join(tmpdir(), 'dotline-scripted-'))
  const child = spawn(process.execPath, [program, JSON.stringify(pace), data], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const [said] = await Promise.race([once(child.stdout, 'data'), gone])
  const url = String(said).trim()
  if (!url.startsWith('http://')) throw new Error(`the scripted server did not start: ${said}`)
  const close = async () => {
    child.kill('SIGKILL')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
  return { url: `${url}/v1`, model: 'scripted', process: child, close }
}

/** Most memory that a process has held; 0 where the system does not tell. */
export function peakBytes(pid: number): number {
  try {
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

async function serve({ firstMs, tokens, eachMs }: Pace, dataFolder: string): Promise<void> {
  const words = Array.from({ length: tokens }, (_, at) => `word${at} `)
  const engine = () => new ScriptedEngine({ tokens: () => words, delayMs: (at) => (at === 0 ? firstMs : eachMs) })
  const options = { host: '127.0.0.1', port: 0, modelFolder: '', pageFolder: null, dataFolder }
  const { url } = await startServer(options, engine)
  // It ends with whoever started it.
  process.stdin.on('end', () => process.exit(0)).resume()
  process.stdout.write(`${url}\n`)
}

if (process.argv[1] === program) await serve(JSON.parse(process.argv[2]), process.argv[3])
