/** The process that sends: reads a Load as JSON, writes a LoadReport. See open-loop.ts. */
import { seededRandom } from '#data/shuffle'
import { Connection } from './connection.ts'
import type { Load, LoadReport, Times } from './open-loop.ts'

/** An idle connection is left before the server may end it under a request. */
const idleMs = 2000

interface Idle {
  connection: Connection
  since: number
}

class Generator {
  readonly #load: Load
  readonly #request: Buffer
  readonly #at: { host: string; port: number }
  readonly #idle: Idle[] = []
  readonly #waiting: number[] = []
  readonly #random: () => number
  #open = 0
  /** Requests that are under way or wait. */
  #unanswered = 0
  /** performance.now() from which, and until which, what is due counts. */
  #from = 0
  #until = 0
  #lastAnswer = 0
  readonly #first: number[] = []
  readonly #last: number[] = []
  readonly #late: number[] = []
  readonly #failed: Record<string, number> = {}
  #asked = 0

  constructor(load: Load) {
    this.#load = load
    const { hostname, port, pathname, search, host } = new URL(load.url)
    this.#at = { host: hostname, port: Number(port || 80) }
    this.#random = seededRandom(load.seed ?? 1)
    const body = JSON.stringify(load.body)
    const headers = {
      host,
      'content-type': 'application/json',
      ...load.headers,
      'content-length': Buffer.byteLength(body),
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    this.#request = Buffer.from(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
  }

  async run(): Promise<LoadReport> {
    const { perSecond, seconds, warmSeconds = 0, timeoutMs = 10_000 } = this.#load
    let due = performance.now() + 5
    this.#from = due + warmSeconds * 1000
    this.#until = this.#from + seconds * 1000
    let cpu: NodeJS.CpuUsage | null = null
    while (due < this.#until) {
      const now = performance.now()
      if (cpu === null && now >= this.#from) cpu = process.cpuUsage()
      for (; due <= now && due < this.#until; due += (-Math.log(1 - this.#random()) * 1000) / perSecond) this.#ask(due)
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.floor(due - performance.now()))))
    }
    const used = process.cpuUsage(cpu ?? undefined)
    // What was sent ends by its own clock; what never was is counted here.
    const end = this.#until + timeoutMs + 500
    while (this.#unanswered > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5))
    for (const never of this.#waiting) if (never >= this.#from) this.#fail('timeout')
    return {
      asked: this.#asked,
      answered: this.#last.length,
      failed: this.#failed,
      perSecond: this.#last.length / ((Math.max(this.#lastAnswer, this.#until) - this.#from) / 1000),
      first: timesOf(this.#first),
      last: timesOf(this.#last),
      late: timesOf(this.#late),
      cores: (used.user + used.system) / 1e6 / seconds,
    }
  }

  #ask(due: number): void {
    if (due >= this.#from) this.#asked++
    this.#unanswered++
    const connection = this.#connection()
    if (connection === null) this.#waiting.push(due)
    else void this.#send(connection, due)
  }

  /** The connection that was used last, so that few are kept busy; a new one where all are taken. */
  #connection(): Connection | null {
    const now = performance.now()
    for (let one = this.#idle.pop(); one !== undefined; one = this.#idle.pop()) {
      if (one.connection.usable && now - one.since < idleMs) return one.connection
      this.#leave(one.connection)
    }
    if (this.#open >= (this.#load.connections ?? 1000)) return null
    this.#open++
    return new Connection(this.#at.host, this.#at.port)
  }

  #leave(connection: Connection): void {
    connection.destroy()
    this.#open--
  }

  async #send(connection: Connection, due: number): Promise<void> {
    const left = performance.now()
    const { timeoutMs = 10_000, ends } = this.#load
    let timedOut = false
    const timer = setTimeout(
      () => {
        timedOut = true
        connection.destroy()
      },
      Math.max(1, due + timeoutMs - left),
    )
    const { outcome, first, last, tail } = await connection.send(this.#request)
    clearTimeout(timer)
    this.#unanswered--
    const good = typeof outcome === 'number' && outcome >= 200 && outcome < 300
    const cut = good && ends !== undefined && !tail.includes(ends)
    if (due >= this.#from) {
      this.#late.push(left - due)
      if (good && !cut) {
        this.#first.push(first - due)
        this.#last.push(last - due)
        this.#lastAnswer = last
      } else this.#fail(timedOut ? 'timeout' : cut ? 'cut' : String(outcome))
    }
    if (connection.usable) this.#idle.push({ connection, since: last })
    else this.#leave(connection)
    const next = this.#waiting.shift()
    if (next === undefined) return
    const free = this.#connection()
    if (free === null) this.#waiting.unshift(next)
    else void this.#send(free, next)
  }

  #fail(why: string): void {
    this.#failed[why] = (this.#failed[why] ?? 0) + 1
  }
}

function timesOf(values: number[]): Times {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

let text = ''
for await (const part of process.stdin.setEncoding('utf8')) text += part
process.stdout.write(JSON.stringify(await new Generator(JSON.parse(text)).run()), () => process.exit(0))
