import { connect, type Socket } from 'node:net'

export interface Answer {
  /** A status, or what went wrong. */
  outcome: number | 'closed'
  /** performance.now() when the body began and ended. */
  first: number
  last: number
  /** The end of the body. */
  tail: Buffer
}

const tailBytes = 128

/**
 * One connection that asks and is answered in turn. HTTP/1.1 by hand: `node:http` takes several times the processor
 * time, on the cores that the server under load needs.
 */
export class Connection {
  readonly #socket: Socket
  #done: ((answer: Answer) => void) | null = null
  #head: Buffer = Buffer.alloc(0)
  #status = 0
  #body: Body | null = null
  #first = 0
  #tail: Buffer = Buffer.alloc(0)
  #closed = false

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true })
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes))
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#closed = true
      this.#finish(this.#body?.untilClose ? this.#status : 'closed')
    })
  }

  /** Whether another request can be sent. */
  get usable(): boolean {
    return !this.#closed && !this.#socket.destroyed && !this.#socket.readableEnded
  }

  send(request: Buffer): Promise<Answer> {
    return new Promise((resolve) => {
      this.#done = resolve
      this.#body = null
      this.#head = Buffer.alloc(0)
      this.#tail = Buffer.alloc(0)
      if (this.#closed) this.#finish('closed')
      else this.#socket.write(request)
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    let rest = bytes
    if (this.#body === null) {
      const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) {
        this.#head = head
        return
      }
      const text = head.toString('latin1', 0, end)
      this.#status = Number(text.slice(9, 12))
      this.#body = new Body(text)
      this.#first = 0
      rest = head.subarray(end + 4)
    }
    const whole = this.#body.take(rest)
    if (rest.length > 0) {
      if (this.#first === 0) this.#first = performance.now()
      this.#tail = rest.length >= tailBytes ? rest : Buffer.concat([this.#tail, rest]).subarray(-2 * tailBytes)
    }
    if (whole) this.#finish(this.#status)
  }

  #finish(outcome: Answer['outcome']): void {
    const done = this.#done
    if (done === null) return
    this.#done = null
    const last = performance.now()
    if (this.#body?.closes) this.#socket.destroy()
    done({ outcome, first: this.#first || last, last, tail: this.#tail })
  }
}

/** Knows when a body is whole: by its length, by its chunks, or when the connection ends. */
class Body {
  /** The server will take no further request here. */
  readonly closes: boolean
  readonly untilClose: boolean
  readonly #chunked: boolean
  #left: number
  /** Bytes of a chunk and its line break still to come; -1: its size comes next; -2: the line after the last. */
  #chunk = -1
  #line = ''

  constructor(head: string) {
    this.#chunked = /\r\ntransfer-encoding: *chunked/i.test(head)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    this.untilClose = !this.#chunked && length === undefined
    this.closes = this.untilClose || /\r\nconnection: *close/i.test(head)
    this.#left = Number(length ?? Number.POSITIVE_INFINITY)
  }

  /** Whether the body is whole with these bytes. */
  take(bytes: Buffer): boolean {
    if (this.#chunked) return this.#takeChunks(bytes)
    this.#left -= bytes.length
    return this.#left <= 0
  }

  #takeChunks(bytes: Buffer): boolean {
    let at = 0
    while (at < bytes.length) {
      if (this.#chunk >= 0) {
        const taken = Math.min(this.#chunk, bytes.length - at)
        this.#chunk -= taken
        at += taken
        if (this.#chunk === 0) this.#chunk = -1
        continue
      }
      const end = bytes.indexOf(10, at)
      this.#line += bytes.toString('latin1', at, end < 0 ? bytes.length : end + 1)
      if (end < 0) return false
      at = end + 1
      if (this.#chunk === -2) return true
      const size = Number.parseInt(this.#line, 16)
      this.#line = ''
      this.#chunk = size === 0 ? -2 : size + 2
    }
    return false
  }
}
