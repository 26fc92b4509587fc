import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import {
  branchSchema,
  conversationChangeSchema,
  conversationId,
  conversationPageSchema,
  conversationSchema,
  listQuerySchema,
  type ManyChanges,
  manyChangesSchema,
  manyDoneSchema,
  messageId,
  messagePageSchema,
  newConversationSchema,
  pageQuerySchema,
  searchQuerySchema,
  searchReplySchema,
  treeSchema,
} from '#wire/conversations'
import { failures } from '#wire/error-body'
import { settled } from './settle.ts'

export const oneConversation = z.object({ id: conversationId })

/** Lists, finds and changes conversations. */
export function listRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { conversations } = store
  const listSchema = {
    summary: 'Conversations: pinned ones first, then the newest',
    querystring: listQuerySchema,
    response: { 200: conversationPageSchema, ...failures },
  }
  typed.get('/api/conversations', { schema: listSchema }, async ({ caller, query }) => {
    const { folder, ...rest } = query
    return conversations.list(caller.owner, { ...rest, folder: folder === 'none' ? null : folder })
  })
  const createSchema = {
    summary: 'A new conversation',
    body: newConversationSchema,
    response: { 201: conversationSchema, ...failures },
  }
  typed.post('/api/conversations', { schema: createSchema }, async ({ caller, body }, reply) =>
    reply.code(201).send(await conversations.create(caller.owner, body)),
  )
  const oneSchema = {
    summary: 'One conversation',
    params: oneConversation,
    response: { 200: conversationSchema, ...failures },
  }
  typed.get('/api/conversations/:id', { schema: oneSchema }, async ({ caller, params }) =>
    conversations.get(caller.owner, params.id),
  )
  const changeSchema = {
    summary: 'Renames, pins, archives or moves a conversation, or shows another branch of it',
    params: oneConversation,
    body: conversationChangeSchema,
    response: { 200: conversationSchema, ...failures },
  }
  typed.patch('/api/conversations/:id', { schema: changeSchema }, async ({ caller, params, body }) => {
    const { shown, ...change } = body
    const titled = change.title === undefined ? {} : await titledBy(store, caller.owner, params.id, 'person')
    const changed = await conversations.update(caller.owner, params.id, { ...titled, ...change })
    return shown === undefined ? changed : conversations.choose(caller.owner, params.id, shown)
  })
  manyRoutes(app, store)
  messageRoutes(app, store)
  searchRoute(app, store)
}

/** The settings that say who gave a conversation its title: what a person wrote is never overwritten by a model. */
export async function titledBy(store: Store, owner: string, id: string, titled: 'question' | 'model' | 'person') {
  const { settings } = await store.conversations.get(owner, id)
  return { settings: { ...settings, titled } }
}

function manyRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { conversations } = store
  const gone = {
    summary: 'Throws a conversation away',
    params: oneConversation,
    response: { 204: z.null(), ...failures },
  }
  typed.delete('/api/conversations/:id', { schema: gone }, async ({ caller, params }, reply) => {
    await conversations.discard(caller.owner, params.id)
    return reply.code(204).send(null)
  })
  const back = {
    summary: 'Brings back what was thrown away minutes ago',
    params: oneConversation,
    response: { 200: conversationSchema, ...failures },
  }
  typed.post('/api/conversations/:id/restore', { schema: back }, async ({ caller, params }) =>
    conversations.restore(caller.owner, params.id),
  )
  const many = {
    summary: 'Changes many conversations at once; those that are not there are passed over',
    body: manyChangesSchema,
    response: { 200: manyDoneSchema, ...failures },
  }
  typed.post('/api/conversations/changes', { schema: many }, async ({ caller, body }) => {
    const done = await Promise.all(body.ids.map((id) => changeOne(store, caller.owner, id, body.change)))
    return { changed: done.filter(Boolean).length }
  })
}

async function changeOne(store: Store, owner: string, id: string, change: ManyChanges['change']): Promise<boolean> {
  const { discarded, ...rest } = change
  try {
    if (discarded === false) await store.conversations.restore(owner, id)
    if (Object.keys(rest).length > 0) await store.conversations.update(owner, id, rest)
    if (discarded === true) await store.conversations.discard(owner, id)
    return true
  } catch (error) {
    if (error instanceof StoreError && error.code === 'absent' && error.field === 'conversation') return false
    throw error
  }
}

function messageRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { conversations } = store
  const allSchema = {
    summary: 'Every message of every branch, oldest first',
    params: oneConversation,
    querystring: pageQuerySchema,
    response: { 200: messagePageSchema, ...failures },
  }
  typed.get('/api/conversations/:id/messages', { schema: allSchema }, async ({ caller, params, query }) => {
    const { data, next } = await conversations.messages(caller.owner, params.id, { limit: 1000, ...query })
    const whole = await Promise.all(data.map((message) => settled(store, caller.owner, params.id, message)))
    return { data: whole, next }
  })
  const branch = {
    summary: 'The messages from the first to one of them, or to the end that is shown',
    params: oneConversation,
    querystring: z.strictObject({ leaf: messageId.optional() }),
    response: { 200: branchSchema, ...failures },
  }
  typed.get('/api/conversations/:id/branch', { schema: branch }, async ({ caller, params, query }) => {
    const messages = await conversations.branch(caller.owner, params.id, query.leaf)
    const whole = messages.map(async ({ alternatives, ...message }) => ({
      ...(await settled(store, caller.owner, params.id, message)),
      alternatives,
    }))
    return { data: await Promise.all(whole) }
  })
  const tree = {
    summary: 'The messages without their texts',
    params: oneConversation,
    response: { 200: treeSchema, ...failures },
  }
  typed.get('/api/conversations/:id/tree', { schema: tree }, async ({ caller, params }) => ({
    data: (await conversations.tree(caller.owner, params.id)) as z.infer<typeof treeSchema>['data'],
  }))
}

function searchRoute(app: FastifyInstance, { search }: Store): void {
  const schema = {
    summary: 'Finds words in titles and messages',
    querystring: searchQuerySchema,
    response: { 200: searchReplySchema, ...failures },
  }
  app
    .withTypeProvider<ZodTypeProvider>()
    .get('/api/conversations/search', { schema }, async ({ caller, query: { q, limit, after } }) => {
      const [titles, found] = await Promise.all([
        after === undefined ? search.titles(caller.owner, q, 8) : [],
        search.messages(caller.owner, q, { limit, after }),
      ])
      return { titles, ...found }
    })
}
