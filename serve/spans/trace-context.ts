import { randomBytes } from 'node:crypto'

/** Where a span stands: its trace, itself, and what it was begun by. */
export interface TraceContext {
  traceId: string
  spanId: string
  parentSpanId: string
  /** Whoever began the trace does not want it recorded. */
  unwanted: boolean
}

const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const nothing = /^0+$/

/** The context of a request: within the trace that its `traceparent` (W3C) names, or one of its own. */
export function contextOf(traceparent: string | undefined): TraceContext {
  const [, traceId, parentSpanId, flags] = form.exec(traceparent ?? '') ?? []
  const spanId = randomBytes(8).toString('hex')
  if (traceId === undefined || nothing.test(traceId) || nothing.test(parentSpanId))
    return { traceId: randomBytes(16).toString('hex'), spanId, parentSpanId: '', unwanted: false }
  return { traceId, spanId, parentSpanId, unwanted: (Number.parseInt(flags, 16) & 1) === 0 }
}

export function within({ traceId, spanId, unwanted }: TraceContext): TraceContext {
  return { traceId, spanId: randomBytes(8).toString('hex'), parentSpanId: spanId, unwanted }
}
