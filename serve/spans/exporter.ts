import { appendFile } from 'node:fs/promises'
import { Egress } from '#serve/egress'
import { limits } from '#wire/limits'
import type { Secret } from '../upstream/settings.ts'
import { exportRequest, type Span } from './otlp.ts'

/** Where spans go. @throws where they could not be handed over */
export type Carry = (text: string) => Promise<void>

const complaintEveryMs = 60_000

/** To a file: one export request a line, as OpenTelemetry's file exporter writes them. */
export function toFile(path: string): Carry {
  return (text) => appendFile(path, `${text}\n`, { mode: 0o600 })
}

/** To a collector, through the one door to the outside. */
export function toCollector(endpoint: string, key: Secret | null, within: boolean): Carry & { close(): void } {
  const { connectMs, exportMs } = limits.spans
  const egress = new Egress({ private: within, connectMs })
  const address = endpoint.replace(/\/+$/, '').replace(/(\/v1\/traces)?$/, '/v1/traces')
  const carry = async (text: string) => {
    const { status, body } = await egress.request(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      bearer: key?.reveal(),
      body: text,
      headMs: exportMs,
      signal: AbortSignal.timeout(exportMs),
    })
    body.resume()
    if (status >= 300) throw new Error(`the collector answered ${status}`)
  }
  return Object.assign(carry, { close: () => egress.close() })
}

/**
 * Collects spans and hands them over in batches. What cannot be handed over is dropped and said so, once a minute:
 * answers never wait for a collector, and a collector that is away takes no memory.
 */
export class SpanExporter {
  readonly #carry: Carry
  readonly #service: string
  readonly #log: (line: string) => void
  readonly #waiting: Span[] = []
  readonly #timer: NodeJS.Timeout
  #sending: Promise<void> | null = null
  #dropped = 0
  #complained = Number.NEGATIVE_INFINITY

  constructor(carry: Carry, service: string, log: (line: string) => void) {
    this.#carry = carry
    this.#service = service
    this.#log = log
    this.#timer = setInterval(() => void this.flush(), limits.spans.everyMs).unref()
  }

  add(span: Span): void {
    if (this.#waiting.length >= limits.spans.queue) this.#drop(1, 'more came than could be handed over')
    else this.#waiting.push(span)
    if (this.#waiting.length >= limits.spans.batch) void this.flush()
  }

  /** Hands over what waits. Never rejects. */
  flush(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null
    })
    return this.#sending
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
    await this.flush()
  }

  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.splice(0, limits.spans.batch)
      try {
        await this.#carry(JSON.stringify(exportRequest(spans, { 'service.name': this.#service })))
      } catch (error) {
        this.#drop(spans.length, error instanceof Error ? error.message : String(error))
        return
      }
    }
  }

  #drop(count: number, why: string): void {
    this.#dropped += count
    const now = performance.now()
    if (now - this.#complained < complaintEveryMs) return
    this.#complained = now
    this.#log(`${this.#dropped} spans were dropped: ${why}`)
  }
}
