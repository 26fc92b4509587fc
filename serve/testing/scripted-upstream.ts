import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'

export interface Asked {
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}

/** A bare server that says what a test wants to be said, byte by byte. */
export interface ScriptedUpstream {
  url: string
  port: number
  /** Requests for answers; health checks are not among them. */
  asked: Asked[]
  checks: number
  connections: number
  /** How health checks are answered. */
  healthStatus: number
  reply: (response: ServerResponse, asked: Asked) => void | Promise<void>
  close(): Promise<void>
}

export async function serveUpstream(reply: ScriptedUpstream['reply']): Promise<ScriptedUpstream> {
  const upstream: ScriptedUpstream = {
    url: '',
    port: 0,
    asked: [],
    checks: 0,
    connections: 0,
    healthStatus: 200,
    reply,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections()
        server.close(() => done())
      }),
  }
  const server = createServer(async (request, response) => {
    response.on('error', () => {})
    if (request.method === 'GET') {
      upstream.checks++
      response.writeHead(upstream.healthStatus).end('{"object":"list","data":[]}')
      return
    }
    const asked = { path: request.url ?? '', headers: request.headers, body: JSON.parse(await textOf(request)) }
    upstream.asked.push(asked)
    await upstream.reply(response, asked)
  })
  server.on('connection', () => upstream.connections++)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  upstream.port = typeof address === 'object' && address !== null ? address.port : 0
  upstream.url = `http://127.0.0.1:${upstream.port}/v1`
  return upstream
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' }

/** Chunks of a conversation's answer as events, with the usage and the last word. */
export function chatStream(
  texts: readonly string[],
  usage: object | null = { prompt_tokens: 9, completion_tokens: texts.length },
): string {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  })
  const chunks: object[] = [chunk({ role: 'assistant', content: '' }), ...texts.map((content) => chunk({ content }))]
  chunks.push(chunk({}, 'stop'))
  if (usage !== null) chunks.push({ ...head, choices: [], usage })
  return `${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`
}

export function sendStream(response: ServerResponse, ...pieces: readonly (string | Uint8Array)[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const piece of pieces) response.write(piece)
  response.end()
}

export function sendError(
  response: ServerResponse,
  status: number,
  error: object | string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof error === 'string' ? error : JSON.stringify({ error }))
}
