import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { StoredCompletion } from '#store/completions'
import type { Store } from '#store/open'
import type { ChatMessageBody, ChatReply } from '#wire/chat'
import {
  chatDeletedSchema,
  chatUpdateSchema,
  type KeptMessage,
  keptChatListSchema,
  keptChatQuerySchema,
  keptChatSchema,
  keptMessageListSchema,
  keptMessagesQuerySchema,
  metadataWanted,
} from '#wire/chat-kept'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { identifier, listOf } from '#wire/lists'
import type { RouteOptions } from './routes.ts'

type Sent = Exclude<NonNullable<ChatMessageBody['content']>, string>[number]
type Part = NonNullable<KeptMessage['content_parts']>[number]

const params = z.object({ completion_id: identifier })

const shown = ({ body, metadata }: StoredCompletion) => ({ ...(body as ChatReply), metadata })

/** Chat completions that are kept: listed, read, given other metadata, deleted. */
export function completionRoutes(app: FastifyInstance, { store }: RouteOptions & { store: Store }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const listSchema = {
    summary: 'Chat completions that are kept, by model and metadata[key]',
    querystring: keptChatQuerySchema,
    response: { 200: keptChatListSchema, ...failures },
  }
  typed.get('/v1/chat/completions', { schema: listSchema }, async ({ query, caller }) => {
    const { after, limit, model, order = 'asc' } = query
    const wanted = { after, limit, model, order, metadata: metadataWanted(query) }
    const { data, more } = await store.completions.list(caller.owner, wanted)
    return listOf(data.map(shown), more)
  })
  const readSchema = {
    summary: 'A chat completion that is kept',
    params,
    response: { 200: keptChatSchema, ...failures },
  }
  typed.get(
    '/v1/chat/completions/:completion_id',
    { schema: readSchema },
    async ({ params: { completion_id }, caller }) => shown(await store.completions.get(caller.owner, completion_id)),
  )
  const updateSchema = {
    summary: 'Gives a chat completion that is kept other metadata',
    params,
    body: chatUpdateSchema,
    response: { 200: keptChatSchema, ...failures },
  }
  typed.post('/v1/chat/completions/:completion_id', { schema: updateSchema }, async (request) => {
    const { params: asked, body, caller } = request
    return shown(await store.completions.update(caller.owner, asked.completion_id, body.metadata ?? {}))
  })
  const deleteSchema = {
    summary: 'Deletes a chat completion that is kept',
    params,
    response: { 200: chatDeletedSchema, ...failures },
  }
  typed.delete('/v1/chat/completions/:completion_id', { schema: deleteSchema }, async (request) => {
    const { completion_id: id } = request.params
    await store.completions.delete(request.caller.owner, id)
    return { id, object: 'chat.completion.deleted' as const, deleted: true as const }
  })
  const messagesSchema = {
    summary: 'What was sent for a chat completion that is kept',
    params,
    querystring: keptMessagesQuerySchema,
    response: { 200: keptMessageListSchema, ...failures },
  }
  typed.get('/v1/chat/completions/:completion_id/messages', { schema: messagesSchema }, async (request) => {
    const { id, input } = await store.completions.get(request.caller.owner, request.params.completion_id)
    const { after, limit = 20, order = 'asc' } = request.query
    const all = (input as ChatMessageBody[]).map((message, at) => keptMessage(`${id}-${at}`, message))
    const messages = order === 'asc' ? all : all.toReversed()
    const from = after === undefined ? 0 : messages.findIndex((message) => message.id === after) + 1
    if (after !== undefined && from === 0)
      throw new ApiError('invalid_value', `${JSON.stringify(after)} names no message of this list.`, 'after')
    return listOf(messages.slice(from, from + limit), messages.length > from + limit)
  })
}

/** A detail that was left out is not said. */
const shownPart = (part: Sent): Part => {
  if (part.type === 'text') return part
  const { url, detail } = part.image_url
  return { ...part, image_url: detail == null ? { url } : { url, detail } }
}

function keptMessage(id: string, message: ChatMessageBody): KeptMessage {
  const { role, content } = message
  const parts = Array.isArray(content) ? content.map(shownPart) : null
  return {
    id,
    role,
    content: typeof content === 'string' ? content : null,
    name: 'name' in message ? (message.name ?? null) : null,
    refusal: null,
    content_parts: parts,
    ...('tool_calls' in message && message.tool_calls != null ? { tool_calls: message.tool_calls } : {}),
    ...('tool_call_id' in message ? { tool_call_id: message.tool_call_id } : {}),
  }
}
