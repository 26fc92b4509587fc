import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Store } from '#store/open'
import {
  betterAnswerSchema,
  consentChangeSchema,
  consentSchema,
  conversationId,
  feedbackListSchema,
  feedbackSchema,
  messageId,
  messageSchema,
} from '#wire/conversations'
import { failures } from '#wire/error-body'
import { ApiError } from '#wire/errors'
import { consentOf, giveConsent, withdrawConsent } from './consent.ts'
import { oneConversation } from './list-routes.ts'
import { pairLines } from './pairs.ts'

const oneMessage = z.object({ id: conversationId, message: messageId })

/** Opinions on answers, the consent to learn from them, and the pairs that come of both. */
export function opinionRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const list = {
    summary: 'Opinions on the answers of a conversation',
    params: oneConversation,
    response: { 200: feedbackListSchema, ...failures },
  }
  typed.get('/api/conversations/:id/feedback', { schema: list }, async ({ caller, params }) => ({
    data: await store.feedback.get(caller.owner, params.id),
  }))
  const path = '/api/conversations/:id/messages/:message/feedback'
  const set = {
    summary: 'What a person thinks of an answer',
    params: oneMessage,
    body: feedbackSchema,
    response: { 204: z.null(), ...failures },
  }
  typed.put(path, { schema: set }, async ({ caller, params, body }, reply) => {
    await answerOf(store, caller.owner, params)
    const { rating, reasons = [], comment = '' } = body
    const given = { conversation: params.id, message: params.message, rating, reasons, comment }
    await store.feedback.set(caller.owner, given)
    return reply.code(204).send(null)
  })
  const unset = { summary: 'Takes an opinion back', params: oneMessage, response: { 204: z.null(), ...failures } }
  typed.delete(path, { schema: unset }, async ({ caller, params }, reply) => {
    await store.feedback.remove(caller.owner, params.id, params.message)
    return reply.code(204).send(null)
  })
  const better = {
    summary: "The person's own better answer, which becomes a branch beside the model's",
    params: oneMessage,
    body: betterAnswerSchema,
    response: { 201: messageSchema, ...failures },
  }
  typed.post('/api/conversations/:id/messages/:message/better', { schema: better }, async (request, reply) => {
    const { caller, params, body } = request
    await answerOf(store, caller.owner, params)
    const made = await store.conversations.addAlternative(caller.owner, params.id, params.message, {
      id: body.id,
      role: 'assistant',
      content: body.text,
      text: body.text,
      detail: { state: 'done', author: 'person', instead: params.message },
    })
    return reply.code(201).send(made)
  })
  consentRoutes(app, store)
}

async function answerOf(store: Store, owner: string, { id, message }: z.infer<typeof oneMessage>): Promise<void> {
  const { role } = await store.conversations.getMessage(owner, id, message)
  if (role !== 'assistant') throw new ApiError('invalid_value', 'Only an answer of the model can be judged.', 'message')
}

function consentRoutes(app: FastifyInstance, store: Store): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const get = { summary: 'Whether opinions may be learnt from', response: { 200: consentSchema, ...failures } }
  typed.get('/api/conversations/consent', { schema: get }, async ({ caller }) => consentOf(store, caller))
  const put = {
    summary: 'Gives or withdraws the consent to learn from opinions',
    body: consentChangeSchema,
    response: { 200: consentSchema, ...failures },
  }
  typed.put('/api/conversations/consent', { schema: put }, async ({ caller, body }) => {
    await (body.given ? giveConsent : withdrawConsent)(store, caller)
    return consentOf(store, caller)
  })
  const lines = {
    summary: 'Preferred answers beside the others, a JSON record a line, as `dotline train` reads them',
    response: { 200: { description: 'JSONL.', content: { 'application/jsonl': { schema: z.string() } } }, ...failures },
  }
  typed.get('/api/conversations/pairs', { schema: lines }, async ({ caller }, reply) => {
    if (!(await consentOf(store, caller)).given)
      throw new ApiError('conflict', 'There is no consent to learn from opinions. Give it first: it is off by default.')
    reply.header('content-disposition', 'attachment; filename="preferences.jsonl"')
    const text = await pairLines(store, caller.owner)
    return reply
      .type('application/jsonl; charset=utf-8')
      .serializer((value: unknown) => String(value))
      .send(text)
  })
}
