/** The few pieces of protocol buffers (encoding guide, "Message structure") that an ONNX file needs. */
const utf8 = new TextEncoder()

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const low = Number(rest & 127n)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 128 : low)
  } while (rest > 0n)
  return Uint8Array.from(bytes)
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}

const tag = (field: number, wireType: number): Uint8Array => varint((field << 3) | wireType)

export const message = (field: number, body: Uint8Array): Uint8Array => join(tag(field, 2), varint(body.length), body)
export const text = (field: number, value: string): Uint8Array => message(field, utf8.encode(value))
export const integer = (field: number, value: number | bigint): Uint8Array => join(tag(field, 0), varint(value))
export const single = (field: number, value: number): Uint8Array =>
  join(tag(field, 5), new Uint8Array(Float32Array.of(value).buffer))
