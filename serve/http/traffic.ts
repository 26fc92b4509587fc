import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '#wire/errors'
import type { Metrics, RequestEnd } from './metrics.ts'

/** One request as the log tells it: how it ended, and nothing of what was said. */
export interface RequestLine extends RequestEnd {
  id: string
  /** The error that it ended with. */
  code: ErrorCode | null
}

/** Follows each request to the end of its reply, wherever that is written. */
export class Traffic {
  readonly #metrics: Metrics
  readonly #tell: (line: RequestLine) => void
  readonly #codes = new WeakMap<object, ErrorCode>()
  #inFlight = 0

  constructor(metrics: Metrics, tell: (line: RequestLine) => void) {
    this.#metrics = metrics
    this.#tell = tell
  }

  get inFlight(): number {
    return this.#inFlight
  }

  begin(request: FastifyRequest, reply: FastifyReply): void {
    const began = performance.now()
    const { raw } = reply
    this.#inFlight++
    raw.once('close', () => {
      this.#inFlight--
      const end: RequestEnd = {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        // A reply that was never begun carries the status 200 all the same.
        status: raw.headersSent ? raw.statusCode : 499,
        seconds: (performance.now() - began) / 1000,
      }
      this.#metrics.ended(end)
      this.#tell({ ...end, id: request.id, code: this.#codes.get(raw) ?? null })
    })
  }

  /** An error was met with while this reply was made. */
  failed(reply: FastifyReply, code: ErrorCode): void {
    this.#codes.set(reply.raw, code)
    this.#metrics.failed(code)
  }
}
