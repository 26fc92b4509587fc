import { connect } from 'node:net'

export interface Asked {
  model: string
  seed: number
  stream: boolean
  /** Says after this many tokens that it has had enough; null reads to the end. */
  leaveAfter: number | null
}

export interface Got {
  /** The server's name for the request; null where not even that arrived. */
  request: string | null
  status: number | null
  tokens: number
}

/**
 * Asks and counts what arrives. One that leaves closes its own half of the connection and reads on to the end, so that
 * it sees all that was delivered: what a connection torn in both directions swallowed, nobody can count.
 */
export function ask(port: number, { model, seed, stream, leaveAfter }: Asked): Promise<Got> {
  const body = JSON.stringify({ model, seed, stream, messages: [{ role: 'user', content: 'Hello' }] })
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.setEncoding('utf8')
    socket.on('data', (part) => {
      text += part
      if (leaveAfter !== null && leaveAfter <= pieces(text)) socket.end()
    })
    // A server that is killed ends the connection in one of several ways.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(gotOf(text, stream)))
    const head = ['POST /v1/chat/completions HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Content-Type: application/json']
    const more = ['Connection: close', `Content-Length: ${Buffer.byteLength(body)}`]
    socket.write(`${[...head, ...more].join('\r\n')}\r\n\r\n${body}`)
  })
}

const pieces = (text: string): number => text.split(/"content":"w/).length - 1

function gotOf(text: string, stream: boolean): Got {
  const request = /^x-request-id: (\S+)/im.exec(text)?.[1] ?? null
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? Number.NaN)
  const whole = Number(/"completion_tokens":(\d+)/.exec(text)?.[1] ?? 0)
  return { request, status: Number.isNaN(status) ? null : status, tokens: stream ? pieces(text) : whole }
}
