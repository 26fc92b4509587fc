import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

export interface Reply {
  /** Null: the connection ended without a reply. */
  status: number | null
  id: string
  contentType: string
  text: string
  error: string
}

export interface Sending {
  method: string
  url: string
  headers: Readonly<Record<string, string>>
  bytes: Buffer
  chunked?: boolean
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
/** How long a server may be silent before it counts as stuck. */
const patienceMs = 60_000

/** Sends a body and reads the reply to its end, whatever becomes of the rest of the body. */
export async function send({ method, url, headers, bytes, chunked = false }: Sending): Promise<Reply> {
  const length = chunked ? {} : { 'content-length': String(bytes.length) }
  const reply: Reply = { status: null, id: '', contentType: '', text: '', error: '' }
  await new Promise<void>((done) => {
    const sent = request(url, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      reply.status = answer.statusCode ?? 0
      reply.id = String(answer.headers['x-request-id'] ?? '')
      reply.contentType = String(answer.headers['content-type'] ?? '')
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (reply.text += part))
      answer.on('end', done)
      answer.on('error', (error) => {
        reply.error = `the reply was torn: ${error.message}`
        done()
      })
    })
    sent.setTimeout(patienceMs, () => sent.destroy(new Error(`no reply within ${patienceMs} ms`)))
    // Who is refused early may have been sending: what counts is whether the refusal arrives.
    sent.on(
      'error',
      (error) =>
        void wait(100).then(() => {
          if (reply.status === null) reply.error = error.message
          done()
        }),
    )
    if (chunked) for (let at = 0; at < bytes.length; at += 16_384) sent.write(bytes.subarray(at, at + 16_384))
    sent.end(chunked ? undefined : bytes)
  })
  return reply
}
