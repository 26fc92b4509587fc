/** Our server with nothing but an upstream behind it, in a process of its own: what a gateway alone does, nothing kept. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { upstreamSchema } from '#serve/registry'
import { startServer } from '#serve/start'
import { UpstreamEngine } from '#serve/upstream-engine'

export interface Relay {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  close(): Promise<void>
}

const program = fileURLToPath(import.meta.url)

export async function startRelay(upstream: { url: string; model: string }): Promise<Relay> {
  const child = spawn(process.execPath, [program, upstream.url, upstream.model], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const [said] = await Promise.race([once(child.stdout, 'data'), gone])
  const url = String(said).trim()
  if (!url.startsWith('http://')) throw new Error(`the server did not start: ${said}`)
  const close = async () => {
    child.kill('SIGKILL')
    await gone
  }
  return { url: `${url}/v1`, close }
}

async function serve(url: string, model: string): Promise<void> {
  const wish = { urls: [url], model, private: true, capabilities: ['chat'], contextLength: 4096, outstanding: 20_000 }
  const settings = upstreamSchema.parse(wish)
  const engine = () => new UpstreamEngine({ id: model, settings })
  const started = await startServer({ host: '127.0.0.1', port: 0, modelFolder: '', pageFolder: null }, engine)
  // It ends with whoever started it.
  process.stdin.on('end', () => process.exit(0)).resume()
  process.stdout.write(`${started.url}\n`)
}

if (process.argv[1] === program) await serve(process.argv[2], process.argv[3])
