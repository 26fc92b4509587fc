/** Spans in OTLP's JSON encoding, which every OpenTelemetry collector takes over HTTP and from files. */

export type AttributeValue = string | number | boolean | readonly string[] | undefined
export type Attributes = Readonly<Record<string, AttributeValue>>

export const spanKinds = { internal: 1, server: 2, client: 3 } as const

export interface Span {
  traceId: string
  spanId: string
  /** Empty for the first span of a trace. */
  parentSpanId: string
  name: string
  kind: keyof typeof spanKinds
  /** Milliseconds since 1970, with fractions. */
  start: number
  end: number
  attributes: Attributes
  failed: boolean
}

/** Nanoseconds, as the decimal string that 64-bit numbers are in this encoding. */
const nanoseconds = (ms: number): string => (BigInt(Math.round(ms * 1000)) * 1000n).toString()

/** These are doubles by the conventions, whole or not. */
const doubles = /temperature|top_p|top_k|_penalty|time_to_first_chunk/

function valueOf(key: string, value: Exclude<AttributeValue, undefined>): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value === 'number')
    return Number.isInteger(value) && !doubles.test(key) ? { intValue: String(value) } : { doubleValue: value }
  return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } }
}

function attributeList(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(key, value) }],
  )
}

/** One ExportTraceServiceRequest. */
export function exportRequest(spans: readonly Span[], resource: Attributes): object {
  const written = spans.map(({ parentSpanId, kind, start, end, attributes, failed, ...span }) => ({
    ...span,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    kind: spanKinds[kind],
    startTimeUnixNano: nanoseconds(start),
    endTimeUnixNano: nanoseconds(end),
    attributes: attributeList(attributes),
    status: failed ? { code: 2 } : {},
  }))
  const scopeSpans = [{ scope: { name: 'dotline' }, spans: written }]
  return { resourceSpans: [{ resource: { attributes: attributeList(resource) }, scopeSpans }] }
}
