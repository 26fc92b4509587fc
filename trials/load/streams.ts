/**
 * Many streams at once, from a process of its own: each asks, reads its answer to the end and asks again, for as long as
 * is counted. Tokens come from the server's own usage, times from when bytes arrive.
 */
import type { Times } from './open-loop.ts'
import { runProgram } from './program.ts'

export interface StreamLoad {
  /** POSTed to. */
  url: string
  headers?: Record<string, string>
  /** Sent as JSON; `%n` in it becomes another number at each request. */
  body: object
  streams: number
  /** How long is counted. */
  seconds: number
  /** Not counted, before that. */
  warmSeconds?: number
  /** Numbers of requests begin here. */
  from?: number
  /** Streams begin one after the other over so many seconds of the time before. */
  spreadSeconds?: number
}

export interface StreamReport {
  /** Requests that began and ended while it counted. */
  answered: number
  /** Those that ended without `[DONE]`, or with another status than 200. */
  failed: number
  tokensPerSecond: number
  /** Tokens to an event, on average: a token that ends no character is no event of its own. 1 where no answer was whole. */
  tokensPerEvent: number
  /** From asking to the first event with text, ms. */
  first: Times
  /** Between arrivals within an answer, ms. */
  gaps: Times
  /** Processor time of this process, in cores. */
  cores: number
}

const program = new URL('./stream-reader.ts', import.meta.url)

/** Runs the streams and reports. @throws Error where the reader breaks. */
export const readStreams = (load: StreamLoad): Promise<StreamReport> => runProgram(program, load)
