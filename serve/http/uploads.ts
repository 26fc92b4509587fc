import { createHash } from 'node:crypto'
import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Caller } from '#serve/caller'
import { seconds } from '#serve/seconds'
import type { StoredFile } from '#store/files'
import type { Store } from '#store/open'
import { partPurpose, type Upload } from '#store/uploads'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { limits } from '#wire/limits'
import { identifier } from '#wire/lists'
import {
  partFormSchema,
  type UploadObject,
  uploadCompletionSchema,
  uploadPartSchema,
  uploadRequestSchema,
  uploadSchema,
} from '#wire/uploads'
import { expiryOf, fileObject } from './files.ts'
import { keepFileOnce } from './form-once.ts'
import { roomForFiles } from './room-for-files.ts'
import type { RouteOptions } from './routes.ts'

const params = z.object({ upload_id: identifier })
const reply = { 200: uploadSchema, ...failures }

const uploadObject = (upload: Upload, file: StoredFile | null = null): UploadObject => ({
  id: upload.id,
  object: 'upload',
  bytes: upload.bytes,
  created_at: seconds(upload.created),
  expires_at: seconds(upload.expires),
  filename: upload.name,
  purpose: upload.purpose,
  status: upload.status,
  file: file === null ? null : fileObject(file),
})

/** Parts are kept as files, and named as what they are. */
const partId = (file: string) => file.replace(/^file-/, 'part_')

/** `/v1/uploads`. */
export function uploadRoutes(app: FastifyInstance, { store }: RouteOptions & { store: Store }): void {
  app.register(async (forms) => {
    await forms.register(multipart)
    partRoute(forms, store)
  })
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const created = { summary: 'Begins a file that comes in parts', body: uploadRequestSchema, response: reply }
  typed.post('/v1/uploads', { schema: created }, async ({ body, caller }) => {
    const { filename: name, purpose, bytes, expires_after } = body
    const expires = Date.now() + limits.uploadKeptMs
    const lifetime = expires_after == null ? null : expires_after.seconds * 1000
    return uploadObject(await store.uploads.create(caller.owner, { name, purpose, bytes, expires, lifetime }))
  })
  const completed = { summary: 'Makes one file of the parts', params, body: uploadCompletionSchema, response: reply }
  typed.post(
    '/v1/uploads/:upload_id/complete',
    { schema: completed },
    async ({ body, caller, params: { upload_id } }) => {
      const upload = await pending(store, caller.owner, upload_id)
      const parts = await chosenParts(store, caller.owner, upload, body.part_ids)
      const file = await assemble(store, caller, upload, parts, body.md5?.toLowerCase() ?? null)
      return uploadObject(await store.uploads.get(caller.owner, upload_id), file)
    },
  )
  const cancelled = { summary: 'Gives an upload up; its parts go', params, response: reply }
  typed.post('/v1/uploads/:upload_id/cancel', { schema: cancelled }, async ({ caller, params: { upload_id } }) =>
    uploadObject(await store.uploads.cancel(caller.owner, upload_id)),
  )
}

function partRoute(app: FastifyInstance, store: Store): void {
  const schema = {
    summary: 'Adds a part: a form with `data`',
    params,
    response: { 200: uploadPartSchema, ...failures },
  }
  const typed = app.withTypeProvider<ZodTypeProvider>()
  typed.post(
    '/v1/uploads/:upload_id/parts',
    { schema, config: { slowBody: true, form: { file: 'data', fields: partFormSchema } } },
    async (request, answer) => {
      const { owner } = request.caller
      const { upload_id } = request.params
      const prepare = async () => {
        const quota = await roomForFiles(store, request.caller)
        const { expires, bytes } = await pending(store, owner, upload_id)
        if ((await store.uploads.parts(owner, upload_id)).length >= limits.uploadParts)
          throw new ApiError('invalid_value', `An upload has ${limits.uploadParts} parts at most.`, 'data')
        const about = () => ({ name: upload_id, purpose: partPurpose, expires })
        return { quota, most: Math.min(limits.uploadPartBytes, bytes), about }
      }
      const form = { file: 'data', most: limits.uploadPartBytes, fields: partFormSchema, prepare }
      const part = await keepFileOnce(request, answer, store, form)
      return {
        id: partId(part.id),
        object: 'upload.part' as const,
        created_at: seconds(part.created),
        upload_id,
      }
    },
  )
}

async function pending(store: Store, owner: string, id: string): Promise<Upload> {
  const upload = await store.uploads.get(owner, id)
  if (upload.status === 'pending') return upload
  throw new ApiError('conflict', `The upload is ${upload.status}. Begin another one.`, 'upload_id')
}

async function chosenParts(store: Store, owner: string, upload: Upload, ids: readonly string[]): Promise<StoredFile[]> {
  const there = new Map((await store.uploads.parts(owner, upload.id)).map((part) => [partId(part.id), part]))
  const parts = ids.map((id) => {
    const part = there.get(id)
    if (part !== undefined) return part
    throw new ApiError('invalid_value', `Invalid 'part_ids': this upload has no part '${id.slice(0, 80)}'.`, 'part_ids')
  })
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
  if (bytes === upload.bytes) return parts
  const text = `Invalid 'part_ids': the parts have ${bytes} bytes together, and the upload was begun for ${upload.bytes}.`
  throw new ApiError('invalid_value', text, 'part_ids')
}

/** The parts become one file while they are read, which is checked before it has a name. */
async function assemble(
  store: Store,
  caller: Caller,
  upload: Upload,
  parts: readonly StoredFile[],
  md5: string | null,
): Promise<StoredFile> {
  const { owner } = caller
  const quota = await roomForFiles(store, caller)
  const sum = createHash('md5')
  const whole = async function* () {
    for (const part of parts) {
      const { bytes } = await store.files.content(owner, part.id)
      for await (const chunk of bytes as AsyncIterable<Buffer>) {
        sum.update(chunk)
        yield chunk
      }
    }
  }
  const about = async () => {
    const got = sum.digest('hex')
    if (md5 !== null && got !== md5)
      throw new ApiError('invalid_value', `Invalid 'md5': what was received has the sum ${got}.`, 'md5')
    const lifetime = upload.lifetime === null ? null : { seconds: upload.lifetime / 1000 }
    return { name: upload.name, purpose: upload.purpose, expires: expiryOf(upload.purpose, lifetime) }
  }
  return store.files.put(
    owner,
    {
      // For a moment the parts and the whole lie side by side.
      quota: quota + upload.bytes,
      about,
      add: (file) => store.uploads.complete(owner, upload.id, file, quota),
    },
    whole(),
  )
}
