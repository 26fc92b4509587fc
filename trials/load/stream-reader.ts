/** The process that reads: a StreamLoad as JSON in, a StreamReport out. See streams.ts. */
import { connect, type Socket } from 'node:net'
import type { Times } from './open-loop.ts'
import type { StreamLoad, StreamReport } from './streams.ts'

/** Each event of an answer begins so; the last one, [DONE], does not. */
const eventStart = Buffer.from('data: {')
/** Of an answer's end, so much is kept: the usage stands there. */
const tailBytes = 4096

class Counts {
  readonly first: number[] = []
  readonly gaps: number[] = []
  /** performance.now() from which, and until which, is counted. */
  readonly from: number
  readonly until: number
  events = 0
  answered = 0
  failed = 0
  /** Over whole answers alone. */
  wholeEvents = 0
  wholeTokens = 0

  constructor(from: number, until: number) {
    this.from = from
    this.until = until
  }

  within(moment: number): boolean {
    return moment >= this.from && moment < this.until
  }
}

/** One stream after another over one connection, or over a new one where the server closes it. */
class Reader {
  readonly #at: { host: string; port: number }
  readonly #next: () => Buffer
  readonly #counts: Counts
  #socket: Socket | null = null
  #asked = 0
  #latest = 0
  #events = 0
  /** The end of what came, for the usage, and for a mark that two packets share. */
  #tail: Buffer = Buffer.alloc(0)
  #over = false
  /** Answers over this connection so far. */
  #served = 0

  constructor(at: { host: string; port: number }, next: () => Buffer, counts: Counts) {
    this.#at = at
    this.#next = next
    this.#counts = counts
  }

  ask(): void {
    if (this.#over) return
    this.#events = 0
    this.#latest = 0
    this.#tail = Buffer.alloc(0)
    this.#asked = performance.now()
    this.#socket ??= this.#connect()
    this.#socket.write(this.#next())
  }

  stop(): void {
    this.#over = true
    this.#socket?.destroy()
  }

  #connect(): Socket {
    const socket = connect({ ...this.#at, noDelay: true })
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      const reused = this.#served > 0
      this.#served = 0
      if (this.#over) return
      // It had come to its end just as it was taken up again: nothing went wrong.
      if (reused && this.#events === 0) this.ask()
      else this.#end()
    })
    return socket
  }

  #read(bytes: Buffer): void {
    const now = performance.now()
    const carried = this.#tail.subarray(Math.max(0, this.#tail.length - eventStart.length + 1))
    const searched = carried.length === 0 ? bytes : Buffer.concat([carried, bytes])
    let events = 0
    for (let at = searched.indexOf(eventStart); at >= 0; at = searched.indexOf(eventStart, at + 1)) events++
    this.#tail =
      bytes.length >= tailBytes ? bytes.subarray(-tailBytes) : Buffer.concat([this.#tail, bytes]).subarray(-tailBytes)
    if (events > 0) this.#see(events, now)
    if (bytes.subarray(-5).toString('latin1') !== '0\r\n\r\n' || !this.#tail.includes('[DONE]')) return
    this.#end()
  }

  #see(events: number, now: number): void {
    const counts = this.#counts
    if (counts.within(now)) counts.events += events
    if (this.#events === 0 && counts.within(this.#asked)) counts.first.push(now - this.#asked)
    if (this.#latest > 0 && counts.within(now)) counts.gaps.push(now - this.#latest)
    this.#events += events
    this.#latest = now
  }

  /** The answer is whole, or the connection was cut. */
  #end(): void {
    const counts = this.#counts
    const text = this.#tail.toString('utf8')
    const tokens = Number(/"completion_tokens": ?(\d+)/.exec(text)?.[1] ?? 0)
    const counted = counts.within(this.#asked) && performance.now() < counts.until
    if (text.includes('[DONE]')) {
      this.#served++
      counts.wholeEvents += this.#events
      counts.wholeTokens += tokens
      if (counted) counts.answered++
    } else if (counted) counts.failed++
    // A server that refuses at once is not asked a thousand times a second.
    if (this.#events === 0) setTimeout(() => this.ask(), 50)
    else this.ask()
  }
}

async function run(load: StreamLoad): Promise<StreamReport> {
  const { streams, seconds, warmSeconds = 0, spreadSeconds = 0 } = load
  const { hostname, port, pathname, host } = new URL(load.url)
  let number = load.from ?? 0
  const body = JSON.stringify(load.body)
  const headers = Object.entries({ host, 'content-type': 'application/json', ...load.headers })
  const head = `POST ${pathname} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`
  const next = () => {
    const text = body.replaceAll('%n', String(number++))
    return Buffer.from(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }
  const from = performance.now() + (spreadSeconds + warmSeconds) * 1000
  const counts = new Counts(from, from + seconds * 1000)
  const readers = Array.from(
    { length: streams },
    () => new Reader({ host: hostname, port: Number(port) }, next, counts),
  )
  for (const [at, reader] of readers.entries())
    setTimeout(() => reader.ask(), (1000 * spreadSeconds * at) / streams).unref()
  await new Promise((resolve) => setTimeout(resolve, from - performance.now()))
  const cpu = process.cpuUsage()
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  const used = process.cpuUsage(cpu)
  for (const reader of readers) reader.stop()
  const tokensPerEvent = counts.wholeEvents === 0 ? 1 : counts.wholeTokens / counts.wholeEvents
  return {
    answered: counts.answered,
    failed: counts.failed,
    tokensPerSecond: (counts.events * tokensPerEvent) / seconds,
    tokensPerEvent,
    first: timesOf(counts.first),
    gaps: timesOf(counts.gaps),
    cores: (used.user + used.system) / 1e6 / seconds,
  }
}

function timesOf(values: number[]): Times {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

let text = ''
for await (const part of process.stdin.setEncoding('utf8')) text += part
process.stdout.write(JSON.stringify(await run(JSON.parse(text))), () => process.exit(0))
