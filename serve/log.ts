import type { RequestLine } from './http/traffic.ts'

/** `off` tells troubles alone, as they are; the others also how each request ended. */
export const logFormats = ['text', 'json', 'off'] as const
export type LogFormat = (typeof logFormats)[number]

export interface Log {
  /** Something went wrong that nobody foresaw. */
  trouble: (line: string) => void
  request: (line: RequestLine) => void
}

/**
 * Lines for whoever runs the server. Of a request they hold its id, its route's pattern and how it ended: no address,
 * no header and nothing of what was said.
 */
export function openLog(format: LogFormat, write: (line: string) => void, now = () => new Date()): Log {
  if (format === 'off') return { trouble: write, request: () => {} }
  const time = () => now().toISOString()
  if (format === 'json')
    return {
      trouble: (message) => write(JSON.stringify({ time: time(), level: 'error', event: 'trouble', message })),
      request: ({ id, method, route, status, seconds, code }) => {
        const level = status >= 500 ? 'error' : 'info'
        const ms = milliseconds(seconds)
        write(JSON.stringify({ time: time(), level, event: 'request', id, method, route, status, ms, code }))
      },
    }
  return {
    trouble: (message) => write(`${time()} ${message}`),
    request: ({ id, method, route, status, seconds, code }) =>
      write([time(), id, method, route, status, `${milliseconds(seconds)} ms`, code ?? []].flat().join(' ')),
  }
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000)
