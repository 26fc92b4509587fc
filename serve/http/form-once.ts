import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { StoredFile } from '#store/files'
import type { Store } from '#store/open'
import { ApiError } from '#wire/errors'
import { readForm } from './form.ts'
import { keyOf } from './idempotency.ts'

export interface FileForm<F> {
  /** The field that the file stands in. */
  file: string
  /** Bytes that it may ever have. */
  most: number
  fields: z.ZodType<F>
  /** Whether it may be taken now, and as what. @throws ApiError */
  prepare(): Promise<Taking<F>>
}

export interface Taking<F> {
  /** Bytes that all the owner's files may take. */
  quota: number
  most: number
  about(name: string, fields: F): { name: string; purpose: string; expires: number | null }
}

/**
 * Keeps the file of a form. With an `Idempotency-Key` it is kept once, and the same form under the same key has the
 * same answer for a day. What a form says is known at its end alone, from the bytes' own hash: so the file's name is
 * given in the transaction that looks whether the key came before, and a form that comes again is read to its end and
 * compared, without being kept.
 */
export async function keepFileOnce<F>(
  request: FastifyRequest,
  reply: FastifyReply,
  store: Store,
  form: FileForm<F>,
): Promise<StoredFile> {
  const { owner } = request.caller
  const key = keyOf(request, store)
  const { file, fields } = form
  if (key !== null && (await store.idempotency.known(owner, key))) {
    const print = await readForm(request, reply, {
      file,
      most: form.most,
      fields,
      take: async ({ name, bytes }, told) => fingerprint(request, await hashOf(bytes), name, await told),
    })
    const answer = await store.idempotency.replay(owner, key, print)
    if (answer === null) throw new ApiError('request_in_progress', '', 'Idempotency-Key', 1)
    reply.header('idempotent-replayed', 'true')
    return answer as StoredFile
  }
  const { quota, most, about } = await form.prepare()
  return readForm(request, reply, {
    file,
    most,
    fields,
    take: ({ name, bytes }, told) => {
      const late = { quota, about: async () => about(name, await told) }
      if (key === null) return store.files.put(owner, late, bytes)
      const add = async (made: Parameters<Store['files']['add']>[1]) => {
        const print = fingerprint(request, made.hash, name, await told)
        const call = store.plan.files.add(owner, made, quota)
        return (await store.idempotency.once(owner, key, print, call)) as StoredFile
      }
      return store.files.put(owner, { ...late, add }, bytes)
    },
  })
}

/** The method, the address, what the file holds and is called, and the other fields. */
function fingerprint({ method, url }: FastifyRequest, hash: string, name: string, fields: unknown): string {
  return createHash('sha256')
    .update(`${method} ${url}\n${JSON.stringify([hash, name, fields])}`)
    .digest('hex')
}

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}
