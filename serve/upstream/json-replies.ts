import { z } from 'zod'
import type { EgressReply } from '#serve/egress'
import type { Embeddings } from '#serve/engine'
import { errorText, GarbledReplyError } from './answer-reader.ts'
import { StatusError } from './failures.ts'

/** Replies that come whole. */

const mostBytes = 64 << 20
const mostErrorBytes = 64 << 10

async function readAll({ body }: EgressReply, most: number): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length
    // Leaving the loop closes the connection.
    if (size > most) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

export async function readJson(reply: EgressReply): Promise<unknown> {
  const bytes = await readAll(reply, mostBytes)
  if (bytes === null) throw new GarbledReplyError(`a reply of over ${mostBytes} bytes`)
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new GarbledReplyError('a reply that is not JSON')
  }
}

const errorSchema = z.looseObject({
  error: z.union([
    z.string(),
    z.looseObject({ message: z.unknown().optional(), code: z.unknown().optional(), param: z.unknown().optional() }),
  ]),
})

/** What a reply that is no success says. */
export async function refusalIn(reply: EgressReply): Promise<StatusError> {
  const bytes = await readAll(reply, mostErrorBytes).catch(() => null)
  const after = Number(reply.headers['retry-after'])
  const seconds = Number.isFinite(after) && after > 0 ? Math.ceil(after) : null
  const said = { message: '', code: '', param: null as string | null }
  try {
    const { error } = errorSchema.parse(JSON.parse((bytes ?? Buffer.of()).toString()))
    said.message = errorText(error)
    if (typeof error === 'object') {
      said.code = typeof error.code === 'string' ? error.code : ''
      said.param = typeof error.param === 'string' ? error.param : null
    }
  } catch {
    // A page of some proxy: the status says enough.
  }
  return new StatusError(reply.status, said, seconds)
}

const vectorsSchema = z.looseObject({
  data: z.array(z.looseObject({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.looseObject({ prompt_tokens: z.int().min(0) }).nullish(),
})

export function readVectors(value: unknown, count: number): Embeddings {
  const { data, success } = vectorsSchema.safeParse(value)
  if (!success || data.data.length !== count) throw new GarbledReplyError('embeddings in another form')
  const vectors: Float32Array[] = []
  for (const { index, embedding } of data.data) vectors[index] = Float32Array.from(embedding)
  if (vectors.length !== count || vectors.includes(undefined as never))
    throw new GarbledReplyError('embeddings out of order')
  return { vectors, promptTokens: data.usage?.prompt_tokens ?? 0 }
}

const tokensSchema = z.looseObject({ tokens: z.array(z.int().min(0)) })

export function tokenIds(value: unknown): number[] {
  const { data, success } = tokensSchema.safeParse(value)
  if (!success) throw new GarbledReplyError('tokens in another form')
  return data.tokens
}

/** Reads what is left of a reply, so that its connection can be used again; not for ever. */
export function drain({ body }: EgressReply): void {
  body.on('error', () => {})
  if (body.readableEnded || body.destroyed) return
  const patience = setTimeout(() => body.destroy(), 1000)
  body.once('close', () => clearTimeout(patience))
  body.setTimeout(0)
  body.resume()
}
