import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { StoreError } from '#store/errors'
import type { Store } from '#store/open'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { identifier, listOf } from '#wire/lists'
import { responseEventSchema } from '#wire/response-events'
import type { Item } from '#wire/response-items'
import { itemListQuerySchema, itemListSchema, retrieveQuerySchema } from '#wire/response-queries'
import { type ResponseBody, responseDeletedSchema, responseSchema } from '#wire/responses'
import type { Runs } from '../responses/runs.ts'
import { failLost } from '../responses/settle.ts'
import { keptEvents, sendEvents } from './response-stream.ts'
import { leaving, type RouteOptions } from './routes.ts'

const params = z.object({ response_id: identifier })

type Options = RouteOptions & { store: Store; runs: Runs }

/** Responses that are kept: read, read on, cancelled, deleted. */
export function keptResponseRoutes(app: FastifyInstance, options: Options): void {
  const { store, runs } = options
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const readSchema = {
    summary: 'A response that is kept; with stream, its events after `starting_after`, those to come too',
    params,
    querystring: retrieveQuerySchema,
    response: {
      200: {
        description: 'The response, or its events.',
        content: {
          'application/json': { schema: responseSchema },
          'text/event-stream': { schema: responseEventSchema },
        },
      },
      ...failures,
    },
  }
  typed.get('/v1/responses/:response_id', { schema: readSchema }, async (request, reply) => {
    const { owner } = request.caller
    const { response_id: id } = request.params
    const { stream, starting_after: after = -1, include_obfuscation: obfuscate = true } = request.query
    if (stream !== true) return current(store, owner, id)
    await expectStream(store, owner, id, after)
    return sendEvents(keptEvents(store, owner, id, after, leaving(reply)), { reply, obfuscate, options })
  })
  const cancelSchema = {
    summary: 'Ends a response that goes on in the background',
    params,
    response: { 200: responseSchema, ...failures },
  }
  typed.post('/v1/responses/:response_id/cancel', { schema: cancelSchema }, async (request) => {
    const { owner } = request.caller
    const { response_id: id } = request.params
    const { background } = (await store.responses.get(owner, id)).body as ResponseBody
    if (background) return runs.cancel(owner, id)
    const text = 'Only a response that was created with background: true can be cancelled; leaving ends any other.'
    throw new ApiError('invalid_value', text, 'response_id')
  })
  const deleteSchema = {
    summary: 'Forgets a response and its events; one that goes on ends',
    params,
    response: { 200: responseDeletedSchema, ...failures },
  }
  typed.delete('/v1/responses/:response_id', { schema: deleteSchema }, async (request) => {
    const { owner } = request.caller
    const { response_id: id } = request.params
    const { status } = await store.responses.get(owner, id)
    if (status === 'queued' || status === 'in_progress') await runs.cancel(owner, id)
    await store.together([store.plan.responses.delete(owner, id), store.plan.streams.forget(owner, id)])
    return { id, object: 'response' as const, deleted: true as const }
  })
  inputItemsRoute(app, options)
}

function inputItemsRoute(app: FastifyInstance, { store }: Options): void {
  const schema = {
    summary: 'What was asked with a response, item by item',
    params,
    querystring: itemListQuerySchema,
    response: { 200: itemListSchema, ...failures },
  }
  app.withTypeProvider<ZodTypeProvider>().get('/v1/responses/:response_id/input_items', { schema }, async (request) => {
    const { after, limit = 20, order = 'desc' } = request.query
    const kept = (await store.responses.get(request.caller.owner, request.params.response_id)).input as Item[]
    const items = order === 'asc' ? kept : kept.toReversed()
    const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1
    if (after !== undefined && from === 0)
      throw new ApiError('invalid_value', `${JSON.stringify(after)} names no item of this list.`, 'after')
    return listOf(items.slice(from, from + limit), items.length > from + limit)
  })
}

/** A response as it stands; one whose server has died meanwhile has failed. */
async function current(store: Store, owner: string, id: string): Promise<ResponseBody> {
  const { status, body } = await store.responses.get(owner, id)
  if (status !== 'queued' && status !== 'in_progress') return body as ResponseBody
  const { state } = await store.streams.read(owner, id, -1, 1)
  return state === 'lost' ? failLost(store, owner, id) : (body as ResponseBody)
}

/** @throws ApiError where a response was not streamed, its events are forgotten, or there are not so many of them */
async function expectStream(store: Store, owner: string, id: string, after: number): Promise<void> {
  await store.responses.get(owner, id)
  const part = await store.streams.read(owner, id, after - 1, 1).catch((error: unknown) => {
    if (!(error instanceof StoreError && error.code === 'absent')) throw error
    const text =
      'There are no events of this response: it was neither streamed nor made in the background, or they are older than a day.'
    throw new ApiError('invalid_value', text, 'stream')
  })
  if (after < 0 || part.events.length > 0 || part.state === 'lost') return
  throw new ApiError('invalid_value', `There is no event ${after} of this response yet.`, 'starting_after')
}
