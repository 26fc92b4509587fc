import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Conversation } from '#store/conversations'
import type { Store } from '#store/open'
import { failures } from '#wire/error-body'
import { identifier, listOf } from '#wire/lists'
import {
  type ConversationBody,
  conversationCreateSchema,
  conversationDeletedSchema,
  conversationSchema,
  conversationUpdateSchema,
  itemsCreateSchema,
} from '#wire/response-conversations'
import { itemSchema } from '#wire/response-items'
import { includeQuerySchema, itemListQuerySchema, itemListSchema } from '#wire/response-queries'
import { findConversation, itemOf, messageOf } from '../responses/history.ts'
import { newName } from '../responses/ids.ts'
import { keptItem } from '../responses/items.ts'
import type { RouteOptions } from './routes.ts'

const ofConversation = z.object({ conversation_id: identifier })
const ofItem = z.object({ conversation_id: identifier, item_id: identifier })

function shown({ id, created, settings }: Conversation): ConversationBody {
  const metadata = (settings.metadata ?? {}) as ConversationBody['metadata']
  return { id, object: 'conversation', created_at: Math.floor(created / 1000), metadata }
}

/** `/v1/conversations`, without its items. */
export function responseConversationRoutes(app: FastifyInstance, options: RouteOptions & { store: Store }): void {
  const { store } = options
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const reply = { 200: conversationSchema, ...failures }
  const createSchema = { summary: 'Begins a conversation', body: conversationCreateSchema, response: reply }
  typed.post('/v1/conversations', { schema: createSchema }, async ({ body, caller, claim }) => {
    const id = newName('conv')
    const settings = { items: true, metadata: body?.metadata ?? {} }
    const messages = (body?.items ?? []).map((item) => messageOf(keptItem(item)))
    const { plan } = store
    const create = plan.conversations.create(caller.owner, { id, settings })
    const append = messages.length === 0 ? [] : [plan.items.append(caller.owner, id, messages)]
    // Seconds are told, and the store's clock is this one's: the answer is known before it is kept.
    const made: ConversationBody = {
      id,
      object: 'conversation',
      created_at: Math.floor(Date.now() / 1000),
      ...settings,
    }
    const told = conversationSchema.parse(made)
    const json = { kind: 'whole' as const, status: 200, type: 'application/json; charset=utf-8' }
    const keep = claim === null ? [] : [claim.finish({ ...json, body: JSON.stringify(told) })]
    await store.together([create, ...append, ...keep])
    return told
  })
  const readSchema = { summary: 'A conversation', params: ofConversation, response: reply }
  typed.get('/v1/conversations/:conversation_id', { schema: readSchema }, async ({ params, caller }) =>
    shown(await findConversation(store, caller.owner, params.conversation_id)),
  )
  const updateSchema = {
    summary: 'Changes what is noted of a conversation',
    params: ofConversation,
    body: conversationUpdateSchema,
    response: reply,
  }
  typed.post('/v1/conversations/:conversation_id', { schema: updateSchema }, async ({ params, body, caller }) => {
    const { id, settings } = await findConversation(store, caller.owner, params.conversation_id)
    const metadata = body.metadata ?? {}
    return shown(await store.conversations.update(caller.owner, id, { settings: { ...settings, metadata } }))
  })
  const deleteSchema = {
    summary: 'Deletes a conversation with its items',
    params: ofConversation,
    response: { 200: conversationDeletedSchema, ...failures },
  }
  typed.delete('/v1/conversations/:conversation_id', { schema: deleteSchema }, async ({ params, caller }) => {
    const { id } = await findConversation(store, caller.owner, params.conversation_id)
    await store.conversations.delete(caller.owner, id)
    return { id, object: 'conversation.deleted' as const, deleted: true as const }
  })
  itemRoutes(app, options)
}

/** `/v1/conversations/{id}/items`. */
function itemRoutes(app: FastifyInstance, { store }: RouteOptions & { store: Store }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const addSchema = {
    summary: 'Adds items to a conversation',
    params: ofConversation,
    querystring: includeQuerySchema,
    body: itemsCreateSchema,
    response: { 200: itemListSchema, ...failures },
  }
  typed.post('/v1/conversations/:conversation_id/items', { schema: addSchema }, async (request) => {
    const { params, body, caller, claim } = request
    const { id } = await findConversation(store, caller.owner, params.conversation_id)
    const items = body.items.map(keptItem)
    const list = listOf(items, false)
    const json = { kind: 'whole' as const, status: 200, type: 'application/json; charset=utf-8' }
    const keep = claim === null ? [] : [claim.finish({ ...json, body: JSON.stringify(list) })]
    await store.together([store.plan.items.append(caller.owner, id, items.map(messageOf)), ...keep])
    return list
  })
  const listSchema = {
    summary: 'The items of a conversation',
    params: ofConversation,
    querystring: itemListQuerySchema,
    response: { 200: itemListSchema, ...failures },
  }
  typed.get('/v1/conversations/:conversation_id/items', { schema: listSchema }, async ({ params, query, caller }) => {
    const { id } = await findConversation(store, caller.owner, params.conversation_id)
    const { after, limit, order } = query
    const { data, more } = await store.items.list(caller.owner, id, { after, limit, order })
    return listOf(data.map(itemOf), more)
  })
  const readSchema = {
    summary: 'An item of a conversation',
    params: ofItem,
    querystring: includeQuerySchema,
    response: { 200: itemSchema, ...failures },
  }
  typed.get('/v1/conversations/:conversation_id/items/:item_id', { schema: readSchema }, async ({ params, caller }) => {
    const { id } = await findConversation(store, caller.owner, params.conversation_id)
    return itemOf(await store.items.get(caller.owner, id, params.item_id))
  })
  const deleteSchema = {
    summary: 'Takes an item out of a conversation',
    params: ofItem,
    response: { 200: conversationSchema, ...failures },
  }
  typed.delete(
    '/v1/conversations/:conversation_id/items/:item_id',
    { schema: deleteSchema },
    async ({ params, caller }) => {
      const conversation = await findConversation(store, caller.owner, params.conversation_id)
      await store.items.remove(caller.owner, conversation.id, params.item_id)
      return shown(conversation)
    },
  )
}
