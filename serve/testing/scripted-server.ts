import { connect, type Socket } from 'node:net'
import { type Script, ScriptedEngine } from '#serve/scripted-engine'
import { createServer, type ServerOptions } from '#serve/server'

export interface ScriptedServer {
  engine: ScriptedEngine
  url: string
  port: number
  logged: string[]
  inFlight(): number
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  socket(): Socket
  close(): Promise<void>
}

/** A real HTTP server on a free port whose engine plays a script. */
export async function serveScript(script: Script, options: Partial<ServerOptions> = {}): Promise<ScriptedServer> {
  const engine = new ScriptedEngine(script)
  const logged: string[] = []
  const app = createServer({ engine, log: (line) => logged.push(line), ...options })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = `http://127.0.0.1:${port}`
  return {
    engine,
    url,
    port,
    logged,
    inFlight: () => app.inFlight(),
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    socket: () => connect(port, '127.0.0.1'),
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

/** Waits until `condition` holds. @throws Error after `withinMs`. */
export async function until(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const end = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The `data:` lines of a whole stream, comments left out. */
export function dataLines(text: string): string[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice(6))
}
