import { type Agent, request } from 'node:http'

export interface Sent {
  /** Null: there was no reply, or not its head. */
  status: number | null
  /** All that arrived, head included. */
  heard: string
  /** The reply's body, where all of it arrived. */
  whole: string | null
  /** It was cut by whoever asked. */
  cut: boolean
}

export interface Asked {
  url: string
  method: string
  headers: Readonly<Record<string, string>>
  body: string
  /** Bytes of the reply after which the connection is torn; below zero: so far into the request. Null: never. */
  cutAt: number | null
}

/** One request on a connection that others use before and after. */
export function ask(agent: Agent, { url, method, headers, body, cutAt }: Asked): Promise<Sent> {
  const sent: Sent = { status: null, heard: '', whole: null, cut: false }
  return new Promise((done) => {
    const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asking = request(url, { method, agent, headers: { ...headers, ...length } }, (reply) => {
      sent.status = reply.statusCode ?? 0
      sent.heard = JSON.stringify(reply.rawHeaders)
      let bytes = 0
      let text = ''
      reply.on('data', (part: Buffer) => {
        bytes += part.length
        text += part.toString('latin1')
        if (cutAt === null || sent.cut || bytes < cutAt) return
        sent.cut = true
        asking.destroy()
      })
      reply.on('end', () => {
        sent.whole = Buffer.from(text, 'latin1').toString()
      })
      reply.on('error', () => {})
      reply.on('close', () => {
        sent.heard += Buffer.from(text, 'latin1').toString()
        done(sent)
      })
    })
    asking.on('error', () => done(sent))
    asking.on('close', () => done(sent))
    if (cutAt !== null && cutAt < 0 && body !== '') {
      asking.write(body.slice(0, -cutAt % body.length))
      sent.cut = true
      setImmediate(() => asking.destroy())
    } else asking.end(body)
  })
}
