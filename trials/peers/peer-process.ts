/** A peer in another process: one JSON line asks, one answers, so that only one side computes at a time. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'

/** The peer could not be started, broke off, or says that a command failed. */
export class PeerError extends Error {
  override name = 'PeerError'
}

/** What a peer last wrote to its standard error, in characters, kept for the message when it breaks off. */
const keptErrors = 4000

export class PeerProcess {
  readonly name: string
  private readonly child: ChildProcessWithoutNullStreams
  private readonly lines: AsyncIterator<string>
  private readonly ended: Promise<string>
  private errors = ''

  constructor(name: string, command: string, args: readonly string[], environment = process.env) {
    this.name = name
    this.child = spawn(command, args, { env: environment, stdio: 'pipe' })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-keptErrors)
    })
    // A peer that is gone is noticed where its answer is awaited.
    this.child.stdin.on('error', () => {})
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(`could not be started: ${error.message}`))
      this.child.on('close', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`))
    })
    this.lines = linesOf(this.child.stdout)
  }

  /** Sends a command and waits for its answer. Throws PeerError where the peer fails or is gone. */
  async ask<T>(command: { do: string } & Record<string, unknown>): Promise<T> {
    this.child.stdin.write(`${JSON.stringify(command)}\n`)
    const line = await this.lines.next()
    if (line.done) throw new PeerError(`${this.name} ${await this.ended}\n${this.errors}`)
    const reply = JSON.parse(line.value) as { value: T } | { error: string }
    if ('error' in reply) throw new PeerError(`${this.name}, "${command.do}": ${reply.error}`)
    return reply.value
  }

  /** Ends its input and waits until it is gone. */
  async close(): Promise<void> {
    this.child.stdin.end()
    await this.ended
  }
}

/** node:readline would end lines at U+2028 too, which JSON holds as it is. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
