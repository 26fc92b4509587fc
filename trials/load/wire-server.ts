/**
 * A bare server that speaks OpenAI's wire format at a fixed pace, in a process of its own: what a gateway under load has
 * behind it, and what the gateway's time is measured against. It computes nothing and forgets everything.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'

export interface Pace {
  /** Before the first token. */
  firstMs: number
  tokens: number
  /** Between tokens: a stream shows them as they come, a whole answer takes as long as all of them. */
  eachMs: number
}

export interface WireServer {
  /** `http://127.0.0.1:PORT/v1` */
  url: string
  /** Its model's name. */
  model: string
  process: ChildProcess
  close(): Promise<void>
}

const model = 'scripted'
const program = fileURLToPath(import.meta.url)

export async function startWireServer(pace: Pace): Promise<WireServer> {
  const child = spawn(process.execPath, [program, JSON.stringify(pace)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const [said] = await Promise.race([once(child.stdout, 'data'), gone])
  const port = Number(String(said))
  if (!Number.isSafeInteger(port) || port === 0) throw new Error(`the wire server did not start: ${said}`)
  const close = async () => {
    child.kill('SIGKILL')
    await gone
  }
  return { url: `http://127.0.0.1:${port}/v1`, model, process: child, close }
}

interface Asked {
  stream?: boolean
  stream_options?: { include_usage?: boolean } | null
}

function serve({ firstMs, tokens, eachMs }: Pace): void {
  const head = { id: 'chatcmpl-scripted', created: 1_700_000_000, model }
  const words = Array.from({ length: tokens }, (_, at) => `word${at} `)
  const usage = { prompt_tokens: 12, completion_tokens: tokens, total_tokens: 12 + tokens }
  const message = { role: 'assistant', content: words.join('') }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  const whole = JSON.stringify({ ...head, object: 'chat.completion', choices, usage })
  const event = (value: object) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...value })}\n\n`
  const chunk = (delta: object, finish_reason: string | null = null) =>
    event({ choices: [{ index: 0, delta, finish_reason }] })
  const pieces = words.map((content, at) => chunk(at === 0 ? { role: 'assistant', content } : { content }))
  const ending = chunk({}, 'stop')
  const counted = event({ choices: [], usage })

  const stream = (response: ServerResponse, withUsage: boolean) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    let at = 0
    // By the clock, so that what timers are late does not add up.
    const began = performance.now()
    const next = () => {
      if (response.destroyed) return
      if (at < pieces.length - 1) {
        response.write(pieces[at++])
        setTimeout(next, Math.max(0, began + at * eachMs - performance.now()))
      } else response.end(`${pieces[at]}${ending}${withUsage ? counted : ''}data: [DONE]\n\n`)
    }
    next()
  }
  const server = createServer((request, response) => {
    response.on('error', () => {})
    if (request.method === 'GET') {
      const data = [{ id: model, object: 'model', created: head.created, owned_by: 'dotline' }]
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
      return
    }
    const parts: Buffer[] = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      const asked = JSON.parse(Buffer.concat(parts).toString()) as Asked
      const streamed = asked.stream === true
      const withUsage = asked.stream_options?.include_usage === true
      const after = streamed ? firstMs : firstMs + (tokens - 1) * eachMs
      setTimeout(() => {
        if (streamed) return stream(response, withUsage)
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(whole) })
        response.end(whole)
      }, after)
    })
  })
  server.keepAliveTimeout = 60_000
  // It ends with whoever started it.
  process.stdin.on('end', () => process.exit(0)).resume()
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`)
  })
}

if (process.argv[1] === program) serve(JSON.parse(process.argv[2]))
