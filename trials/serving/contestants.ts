/** Servers of the same weights, each in a process of its own, behind the same form of HTTP. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { llamaFolder } from '#model/llama-cpp'
import { serveCommand } from '../served/command.ts'

export interface Contestant {
  name: string
  /** Takes completions. */
  url: string
  model: string
  pid: number
  close(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const nodeLlama = fileURLToPath(new URL('../peers/node-llama-server.ts', import.meta.url))
export const llamaServerProgram = `${root}.peers/llama.cpp/llama-server`

/** As `npm start` serves it: with its ledger, in a data folder of its own. `model` is a folder or a GGUF file. */
export async function startDotline(
  name: string,
  model: string,
  data: string,
  threads: number | null = null,
): Promise<Contestant> {
  const gguf = model.endsWith('.gguf')
  if (gguf) addModel(model, data)
  const named = gguf ? [] : ['--model', model]
  const dealt = threads === null ? [] : ['--threads', String(threads)]
  const served = await serveCommand({ args: ['--port', '0', '--data', data, ...named, ...dealt] })
  await served.ready
  const close = async () => void (await served.end('SIGTERM'))
  const added = basename(model, '.gguf')
  return { name, url: `${served.url}/v1/completions`, model: gguf ? added : served.model, pid: served.pid, close }
}

function addModel(file: string, data: string): void {
  const command = [`${root}bin/dotline.ts`, 'model', 'add', file, '--data', data]
  const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`dotline model add ${file} ended with ${status}: ${stderr}`)
}

/** llama.cpp's own server, as many slots as streams. @returns null where it is not built */
export async function startLlamaServer(
  name: string,
  file: string,
  slots: number,
  threads: number,
): Promise<Contestant | null> {
  if (!existsSync(llamaServerProgram)) return null
  const port = await freePort()
  const args = ['--model', file, '--host', '127.0.0.1', '--port', String(port), '--parallel', String(slots)]
  const size = ['--ctx-size', String(512 * slots), '--threads', String(threads)]
  // Prompts are all different here; remembering them in RAM beside the slots would only cost it time.
  const child = spawn(llamaServerProgram, [...args, ...size, '--cache-ram', '0', '--log-disable'], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  await answers(`${url}/health`, child)
  return { name, url: `${url}/v1/completions`, model: 'starter', pid: child.pid ?? 0, close: () => end(child) }
}

/** node-llama-cpp behind a bare HTTP server. */
export async function startNodeLlama(name: string, file: string, slots: number, threads: number): Promise<Contestant> {
  const args = [nodeLlama, llamaFolder(), file, String(slots), String(threads)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then((): never => {
      throw new Error('node-llama-cpp did not start')
    }),
  ])
  const { port } = JSON.parse(String(line)) as { port: number }
  const url = `http://127.0.0.1:${port}/v1/completions`
  return { name, url, model: 'starter', pid: child.pid ?? 0, close: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const reply = await fetch(url).catch(() => null)
    if (reply?.ok) return
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await wait(100)
  }
  await end(child)
  throw new Error('the server did not answer within a minute')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}
