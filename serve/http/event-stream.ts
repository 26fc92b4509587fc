import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'

export interface StreamTimes {
  /** A comment is sent after this long without an event, ms. */
  pingMs: number
  /** The peer is cut after taking nothing for this long, ms. */
  stallMs: number
}

/** Whoever keeps what a stream says, to say it again. */
export interface StreamRecord {
  add(text: string): void
  /** Resolves once all of it is kept. */
  keep(): Promise<void>
}

/** Streams that somebody records. */
export const recorded = new WeakMap<ServerResponse, StreamRecord>()

/**
 * Server-sent events with back pressure: `send` waits while the peer does not take what was sent, so that at most the
 * socket's own buffer (64 KB) and one event are held here, and cuts a peer that stays away.
 */
export class EventStream {
  readonly #raw: ServerResponse
  readonly #times: StreamTimes
  readonly #pinged: string
  #ping: NodeJS.Timeout | null = null
  #blocked = false

  constructor(
    raw: ServerResponse,
    times: StreamTimes = { pingMs: limits.streamPingMs, stallMs: limits.streamStallMs },
    pinged = ': ping\n\n',
  ) {
    this.#raw = raw
    this.#times = times
    this.#pinged = pinged
  }

  open(headers: OutgoingHttpHeaders): void {
    this.#raw.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    })
    this.#raw.flushHeaders()
    this.#raw.once('close', () => this.#stopPing())
    this.#ping = setInterval(() => {
      if (!this.#blocked) this.#raw.write(this.#pinged)
    }, this.#times.pingMs)
  }

  /** Sends one event, with its name and its number where the format has them. @throws ApiError `client_closed_request` or `slow_consumer` once nobody reads. */
  async send(data: string, name = '', id = ''): Promise<void> {
    if (this.#raw.destroyed) throw new ApiError('client_closed_request')
    this.#ping?.refresh()
    const text = eventText(data, name, id)
    recorded.get(this.#raw)?.add(text)
    if (!this.#raw.write(text)) await this.#drained()
  }

  /** Sends the event with which an answer is complete: where the stream is recorded, once all of it is kept. */
  async sendLast(data: string, name = '', id = ''): Promise<void> {
    const record = recorded.get(this.#raw)
    record?.add(eventText(data, name, id))
    await record?.keep()
    if (this.#raw.destroyed) throw new ApiError('client_closed_request')
    if (!this.#raw.write(eventText(data, name, id))) await this.#drained()
  }

  end(): void {
    this.#stopPing()
    this.#raw.end()
  }

  /** Waits until the peer has taken what was sent; cuts it when it does not. */
  #drained(): Promise<void> {
    this.#blocked = true
    return new Promise((resolve, reject) => {
      const settle = (error: ApiError | null) => {
        clearTimeout(stall)
        this.#raw.off('drain', drained)
        this.#raw.off('close', gone)
        this.#blocked = false
        if (error === null) resolve()
        else reject(error)
      }
      const drained = () => settle(null)
      const gone = () => settle(new ApiError('client_closed_request'))
      const stall = setTimeout(() => {
        settle(new ApiError('slow_consumer'))
        this.#raw.destroy()
      }, this.#times.stallMs)
      this.#raw.once('drain', drained)
      this.#raw.once('close', gone)
    })
  }

  #stopPing(): void {
    if (this.#ping !== null) clearInterval(this.#ping)
    this.#ping = null
  }
}

const eventText = (data: string, name: string, id: string): string =>
  `${name === '' ? '' : `event: ${name}\n`}${id === '' ? '' : `id: ${id}\n`}data: ${data}\n\n`
