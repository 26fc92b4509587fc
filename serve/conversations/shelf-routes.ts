import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Store } from '#store/open'
import {
  conversationSchema,
  exportQuerySchema,
  folderChangeSchema,
  folderId,
  folderListSchema,
  folderSchema,
  importSchema,
  newFolderSchema,
  type Preferences,
  preferencesChangeSchema,
  preferencesSchema,
} from '#wire/conversations'
import { failures } from '#wire/error-body'
import { limits } from '#wire/limits'
import { exported } from './export.ts'
import { oneConversation } from './list-routes.ts'

/** Folders, preferences, and conversations that come from elsewhere or go there. */
export function shelfRoutes(app: FastifyInstance, store: Store): void {
  folderRoutes(app, store)
  preferenceRoutes(app, store)
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const importing = {
    summary: 'Brings one conversation from elsewhere, with its branches and times',
    body: importSchema,
    response: { 201: conversationSchema, ...failures },
  }
  const bodyLimit = limits.conversations.importBytes
  typed.post('/api/conversations/import', { schema: importing, bodyLimit }, async ({ caller, body }, reply) => {
    const messages = body.messages.map(({ text, ...message }) => ({ ...message, text, content: text }))
    return reply.code(201).send(await store.conversations.bring(caller.owner, { ...body, messages }))
  })
  const exporting = {
    summary: 'A conversation as a file: Markdown of the branch that is shown, or JSON of all of it',
    params: oneConversation,
    querystring: exportQuerySchema,
    response: { 200: { description: 'The file.', content: { 'text/plain': { schema: z.string() } } }, ...failures },
  }
  typed.get('/api/conversations/:id/export', { schema: exporting }, async ({ caller, params, query }, reply) => {
    const { name, type, text } = await exported(store, caller.owner, params.id, query.format ?? 'markdown')
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    return reply
      .type(type)
      .serializer((value: unknown) => String(value))
      .send(text)
  })
}

function folderRoutes(app: FastifyInstance, { folders }: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const one = z.object({ folder: folderId })
  const list = { summary: 'Folders, by name', response: { 200: folderListSchema, ...failures } }
  typed.get('/api/conversations/folders', { schema: list }, async ({ caller }) => ({
    data: await folders.list(caller.owner),
  }))
  const make = { summary: 'A new folder', body: newFolderSchema, response: { 201: folderSchema, ...failures } }
  typed.post('/api/conversations/folders', { schema: make }, async ({ caller, body }, reply) =>
    reply.code(201).send(await folders.create(caller.owner, body)),
  )
  const change = {
    summary: 'Renames a folder, or changes what its conversations share',
    params: one,
    body: folderChangeSchema,
    response: { 200: folderSchema, ...failures },
  }
  typed.patch('/api/conversations/folders/:folder', { schema: change }, async ({ caller, params, body }) =>
    folders.update(caller.owner, params.folder, body),
  )
  const gone = {
    summary: 'Removes a folder; its conversations stay',
    params: one,
    response: { 204: z.null(), ...failures },
  }
  typed.delete('/api/conversations/folders/:folder', { schema: gone }, async ({ caller, params }, reply) => {
    await folders.delete(caller.owner, params.folder)
    return reply.code(204).send(null)
  })
}

function preferenceRoutes(app: FastifyInstance, { preferences }: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const read = async (owner: string): Promise<Preferences> => {
    const { instructions, titles } = await preferences.all(owner)
    return { instructions: typeof instructions === 'string' ? instructions : '', titles: titles !== false }
  }
  const get = { summary: 'What holds for all conversations', response: { 200: preferencesSchema, ...failures } }
  typed.get('/api/conversations/preferences', { schema: get }, async ({ caller }) => read(caller.owner))
  const set = {
    summary: 'Changes what holds for all conversations',
    body: preferencesChangeSchema,
    response: { 200: preferencesSchema, ...failures },
  }
  typed.patch('/api/conversations/preferences', { schema: set }, async ({ caller, body }) => {
    for (const [name, value] of Object.entries(body)) await preferences.set(caller.owner, name, value)
    return read(caller.owner)
  })
}
