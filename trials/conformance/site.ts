import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeeping } from '#serve/keeping'
import { type Script, ScriptedEngine } from '#serve/scripted-engine'
import { createServer as createDotline } from '#serve/server'
import { judge, type Spoken } from './judge.ts'

/** A server over a scripted engine, and what stands between it and the clients: it judges every reply on its way. */
export interface Site {
  /** Where clients go: replies come a byte at a time, so that no client owes its luck to how packets fall. */
  url: string
  engine: ScriptedEngine
  play(script: Script): void
  /** How many replies were held against their schemas since the last call; throws the first that failed. */
  judged(): Promise<number>
  close(): Promise<void>
}

export async function openSite(script: Script): Promise<Site> {
  const engine = new ScriptedEngine(script)
  const folder = mkdtempSync(join(tmpdir(), 'dotline-conformance-'))
  const { store, people, close } = await openKeeping({ folder }, console.error)
  const dotline = createDotline({ engine, store, people, log: console.error })
  await dotline.listen({ host: '127.0.0.1', port: 0 })
  const inner = portOf(dotline.server)
  let failures: unknown[] = []
  let count = 0
  let underWay = 0
  const see = (spoken: Spoken) => {
    count++
    try {
      judge(spoken)
    } catch (error) {
      failures.push(error)
    }
  }
  const between = createServer((asked, reply) => {
    const { method = '', url: path = '', headers } = asked
    underWay++
    reply.once('close', () => underWay--)
    const onward = request({ host: '127.0.0.1', port: inner, method, path, headers }, async (answer) => {
      reply.writeHead(answer.statusCode ?? 0, answer.headers)
      const parts: Buffer[] = []
      try {
        for await (const part of answer as AsyncIterable<Buffer>) {
          parts.push(part)
          for (const byte of part) {
            reply.write(Uint8Array.of(byte))
            await new Promise(setImmediate)
          }
        }
        const contentType = answer.headers['content-type'] ?? ''
        see({ method, path, status: answer.statusCode ?? 0, contentType, text: Buffer.concat(parts).toString() })
        reply.end()
      } catch {
        reply.destroy()
      }
    })
    onward.on('error', () => reply.destroy())
    reply.on('close', () => onward.destroy())
    asked.pipe(onward)
  })
  await new Promise<void>((done) => between.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${portOf(between)}`,
    engine,
    play: (next) => {
      engine.script = next
    },
    judged: async () => {
      while (underWay > 0) await new Promise(setImmediate)
      const [failure] = failures
      const seen = count
      failures = []
      count = 0
      if (failure !== undefined) throw failure
      return seen
    },
    close: async () => {
      between.closeAllConnections()
      between.close()
      dotline.server.closeAllConnections()
      await dotline.close()
      await close()
      rmSync(folder, { recursive: true })
    },
  }
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
