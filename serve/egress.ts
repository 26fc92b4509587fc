import { type LookupAddress, lookup as resolve } from 'node:dns'
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { addressKind, type EgressRefusal, type EgressRule, judgeAddress, judgeUrl } from '#guard/egress'

/** Why nothing came back. The message is for the operator's log: it names hosts, and never a header. */
export class EgressError extends Error {
  override readonly name = 'EgressError'
  readonly code: EgressRefusal | 'redirect' | 'cleartext' | 'connect' | 'timeout' | 'closed'

  constructor(code: EgressError['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface EgressOptions extends EgressRule {
  /** Time for name, connection and TLS. */
  connectMs: number
  /** All addresses of a name; the system's resolver by default. */
  resolveName?: (name: string) => Promise<LookupAddress[]>
}

export interface EgressRequest {
  method: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  /** Sent as `authorization: Bearer …`, and over an unencrypted connection only within the operator's network. */
  bearer?: string
  body?: string
  /** Time until the reply's head. */
  headMs: number
  signal: AbortSignal
}

export interface EgressReply {
  status: number
  headers: IncomingMessage['headers']
  /** Ends the connection where it is left early. */
  body: IncomingMessage
}

const systemResolver = (name: string): Promise<LookupAddress[]> =>
  new Promise((done, failed) =>
    resolve(name, { all: true }, (error, addresses) => (error ? failed(error) : done(addresses))),
  )

/**
 * The one door through which this server calls others. It connects to addresses that it has judged and to no others: a
 * name is resolved once, every address it has must be allowed, the connection goes to those very addresses, and the
 * address at its other end is judged again. No redirect is followed, no proxy of the environment is used.
 */
export class Egress {
  readonly #options: EgressOptions
  readonly #agents: { 'http:': http.Agent; 'https:': https.Agent }

  constructor(options: EgressOptions) {
    this.#options = options
    const agent = { keepAlive: true, maxFreeSockets: 64, timeout: 60_000, lookup: this.#lookup() }
    this.#agents = { 'http:': new http.Agent(agent), 'https:': new https.Agent(agent) }
  }

  /** Resolves with the reply's head. @throws EgressError, or the signal's reason. */
  async request(address: string, { body, bearer, headMs, signal, ...asked }: EgressRequest): Promise<EgressReply> {
    signal.throwIfAborted()
    const { url, refusal } = judgeUrl(address, this.#options)
    if (url === null) throw refused(address, refusal)
    const headers: OutgoingHttpHeaders = { ...asked.headers }
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body)
    const { request: start } = url.protocol === 'https:' ? https : http
    const agent = this.#agents[url.protocol as 'http:' | 'https:']
    const request = start(url, { method: asked.method, headers, agent })
    if (bearer !== undefined) request.setHeader('authorization', `Bearer ${bearer}`)
    const reply = this.#head(request, url, headMs, signal)
    request.once('socket', (socket) => this.#send(request, socket, url, body, bearer !== undefined))
    return reply
  }

  /** Ends every connection. */
  close(): void {
    this.#agents['http:'].destroy()
    this.#agents['https:'].destroy()
  }

  /** The body goes out only when the connection leads to where it may. */
  #send(request: http.ClientRequest, socket: Socket, url: URL, body: string | undefined, secret: boolean): void {
    const send = () => {
      clearTimeout(patience)
      const address = socket.remoteAddress ?? ''
      const refusal = judgeAddress(address, this.#options)
      if (refusal !== null) request.destroy(refused(url.host, refusal))
      else if (secret && url.protocol === 'http:' && addressKind(address) === 'public')
        request.destroy(
          new EgressError(
            'cleartext',
            `${url.host} is reached without encryption: a key is not sent that way. Use https.`,
          ),
        )
      else request.end(body)
    }
    const { connectMs } = this.#options
    // Made when it is needed: an error's stack costs each request more than the rest of this.
    const late = () => new EgressError('timeout', `${url.host} did not accept a connection within ${connectMs} ms`)
    const patience = setTimeout(() => request.destroy(late()), connectMs)
    request.once('close', () => clearTimeout(patience))
    if (!socket.connecting && !(url.protocol === 'https:' && request.reusedSocket === false)) send()
    else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', send)
  }

  #head(request: http.ClientRequest, url: URL, headMs: number, signal: AbortSignal): Promise<EgressReply> {
    return new Promise((done, failed) => {
      const late = () => new EgressError('timeout', `${url.host} did not answer within ${headMs} ms`)
      const patience = setTimeout(() => request.destroy(late()), headMs)
      const leave = () => request.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
      signal.addEventListener('abort', leave, { once: true })
      request.once('close', () => signal.removeEventListener('abort', leave))
      request.once('error', (error) => {
        clearTimeout(patience)
        const known = error === signal.reason || error instanceof EgressError
        failed(known ? error : broken(url, error, request.reusedSocket))
      })
      request.once('response', (body) => {
        clearTimeout(patience)
        const status = body.statusCode ?? 0
        if (status >= 300 && status < 400) {
          request.destroy()
          failed(new EgressError('redirect', `${url.host} answers with a redirect (${status}), and none is followed`))
        } else done({ status, headers: body.headers, body })
      })
    })
  }

  /** Resolves a name once and lets nothing pass that has an address which is refused. */
  #lookup(): LookupFunction {
    const { resolveName = systemResolver } = this.#options
    return (name, options, callback) => {
      const decide = (addresses: LookupAddress[]) => {
        const family = options.family === 4 || options.family === 6 ? options.family : 0
        const wrong = addresses.map(({ address }) => judgeAddress(address, this.#options)).find((each) => each !== null)
        const fit = addresses.filter((each) => family === 0 || each.family === family)
        if (wrong !== undefined && wrong !== null) callback(refused(name, wrong), [])
        else if (fit.length === 0) callback(new EgressError('connect', `${name} has no address`), [])
        else if (options.all === true) callback(null, fit)
        else callback(null, fit[0].address, fit[0].family)
      }
      resolveName(name).then(decide, (error: Error) => callback(broken(new URL(`http://${name}`), error), []))
    }
  }
}

const reasons: Record<EgressRefusal, string> = {
  not_a_url: 'is not a URL',
  scheme: 'is neither http nor https',
  credentials: 'holds a name or a password; name the key in the configuration instead',
  host: 'leads to no address',
  loopback: 'leads to this machine, which its settings do not allow (private)',
  private: 'leads into a private network, which its settings do not allow (private)',
  'link-local': 'leads to a link-local address',
  metadata: 'leads to a service that hands out credentials',
  multicast: 'leads to a multicast address',
  unspecified: 'leads to no particular address',
  reserved: 'leads to a reserved address',
}

function refused(address: string, refusal: EgressRefusal): EgressError {
  // An address with a password in it is not repeated.
  const shown = refusal === 'credentials' || refusal === 'not_a_url' ? 'the address' : address
  return new EgressError(refusal, `${shown} ${reasons[refusal]}`)
}

function broken(url: URL, error: Error & { code?: string }, reused = false): EgressError {
  // The other side closed a connection that lay idle, just as it was taken up again: nothing was wrong with anything.
  if (reused) return new EgressError('closed', `${url.host} closed an idle connection`)
  const known = isIP(url.hostname) === 0 && error.code === 'ENOTFOUND' ? 'its name is not known' : error.code
  return new EgressError('connect', `${url.host} cannot be reached: ${known ?? error.message}`)
}
