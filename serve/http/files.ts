import multipart from '@fastify/multipart'
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { StoredFile } from '#store/files'
import type { Store } from '#store/open'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import {
  type FileObject,
  fileDeletedSchema,
  fileFormSchema,
  fileListQuerySchema,
  fileListSchema,
  fileNameSchema,
  filePurposes,
  fileSchema,
} from '#wire/files'
import { limits } from '#wire/limits'
import { identifier, listOf } from '#wire/lists'
import { keepFileOnce } from './form-once.ts'
import { roomForFiles } from './room-for-files.ts'
import type { RouteOptions } from './routes.ts'

const params = z.object({ file_id: identifier })
const shown: ReadonlySet<string> = new Set(filePurposes)

/** Files as clients see them; whatever else the store keeps for somebody is not among them. */
export const fileObject = ({ id, bytes, created, expires, name, purpose }: StoredFile): FileObject => ({
  id,
  object: 'file',
  bytes,
  created_at: Math.floor(created / 1000),
  ...(expires === null ? {} : { expires_at: Math.floor(expires / 1000) }),
  filename: name,
  purpose: purpose as FileObject['purpose'],
  status: 'processed',
})

/** When a file deletes itself: as it was asked for, and files of batches in any case. */
export function expiryOf(purpose: string, asked: { seconds: number } | null | undefined): number | null {
  if (asked != null) return Date.now() + asked.seconds * 1000
  return purpose === 'batch' ? Date.now() + limits.batchFileKeptMs : null
}

export function fileNameOf(name: string, field: string): string {
  const { success } = fileNameSchema.safeParse(name)
  if (success) return name
  const text = `Invalid '${field}': a file needs a name of 1 to ${limits.fileNameLength} characters.`
  throw new ApiError('invalid_value', text, field)
}

/** A file that is shown. @throws StoreError, as for one that is not there */
export async function findFile(store: Store, owner: string, id: string): Promise<StoredFile> {
  const file = await store.files.get(owner, id)
  if (!shown.has(file.purpose)) throw new ApiError('not_found', `There is no file ${JSON.stringify(id)}.`, 'file')
  return file
}

/** `/v1/files`. */
export function fileRoutes(app: FastifyInstance, { store }: RouteOptions & { store: Store }): void {
  // Forms are read here alone: everywhere else their type is refused.
  app.register(async (forms) => {
    await forms.register(multipart)
    uploadRoute(forms, store)
  })
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const listed = { summary: 'Files', querystring: fileListQuerySchema, response: { 200: fileListSchema, ...failures } }
  typed.get('/v1/files', { schema: listed }, async ({ caller, query }) => {
    const { after: behind, limit = limits.filesListed, order, purpose } = query
    const purposes = purpose === undefined ? filePurposes : [purpose]
    const { data, next } = await store.files.list(caller.owner, { behind, limit, order, purposes })
    return listOf(data.map(fileObject), next !== null)
  })
  const one = { summary: 'A file, without its content', params, response: { 200: fileSchema, ...failures } }
  typed.get('/v1/files/:file_id', { schema: one }, async ({ caller, params: { file_id } }) =>
    fileObject(await findFile(store, caller.owner, file_id)),
  )
  typed.get(
    '/v1/files/:file_id/content',
    { schema: { summary: 'The bytes of a file', params } },
    async ({ caller, params: { file_id } }, reply) => {
      await findFile(store, caller.owner, file_id)
      const { file, bytes } = await store.files.content(caller.owner, file_id)
      const name = encodeURIComponent(file.name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
      return reply
        .header('content-type', 'application/octet-stream')
        .header('content-length', file.bytes)
        .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
        .header('cache-control', 'private, no-store')
        .send(bytes)
    },
  )
  const gone = { summary: 'Deletes a file', params, response: { 200: fileDeletedSchema, ...failures } }
  typed.delete('/v1/files/:file_id', { schema: gone }, async ({ caller, params: { file_id: id } }) => {
    await findFile(store, caller.owner, id)
    const batch = await store.batches.reading(caller.owner, id)
    if (batch !== null)
      throw new ApiError(
        'conflict',
        `The batch ${batch} reads this file. Cancel it first, or wait for its end.`,
        'file',
      )
    await store.files.delete(caller.owner, id)
    return { id, object: 'file' as const, deleted: true as const }
  })
}

function uploadRoute(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const created = {
    summary: 'Keeps a file: a form with `file`, `purpose` and, if it is to delete itself, `expires_after`',
    response: { 200: fileSchema, ...failures },
  }
  typed.post(
    '/v1/files',
    { schema: created, config: { slowBody: true, form: { file: 'file', fields: fileFormSchema } } },
    async (request, reply) => {
      const file = await keepFileOnce(request, reply, store, {
        file: 'file',
        most: limits.fileBytes,
        fields: fileFormSchema,
        prepare: async () => ({
          quota: await roomForFiles(store, request.caller),
          most: limits.fileBytes,
          about: (name, { purpose, expires_after }) => ({
            name: fileNameOf(name, 'file'),
            purpose,
            expires: expiryOf(purpose, expires_after),
          }),
        }),
      })
      return fileObject(file)
    },
  )
}
