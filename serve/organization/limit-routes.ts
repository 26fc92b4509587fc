import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Metering } from '#serve/metering'
import type { Store } from '#store/open'
import type { Price } from '#store/prices'
import { failures } from '#wire/error-body'
import { limitNameSchema, limitSchema, newLimitSchema, newPriceSchema, priceSchema } from '#wire/quotas'
import { actorOf } from './audit-routes.ts'

const listOf = <T extends z.ZodType>(item: T) => z.object({ object: z.literal('list'), data: z.array(item) })
const billion = 1e9

/** `/v1/organization/limits` and `/v1/organization/prices`: ours, for OpenAI has neither in this form. */
export function limitRoutes(app: FastifyInstance, store: Store, metering: Metering): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const { plan } = store
  const shown = async (organisation: string) => ({
    object: 'list' as const,
    data: (await store.limits.list(organisation)).map((limit) => ({ object: 'organization.limit' as const, ...limit })),
  })
  const all = { summary: 'The limits that hold', response: { 200: listOf(limitSchema), ...failures } }
  typed.get('/v1/organization/limits', { schema: all }, ({ caller }) => shown(caller.organisation))
  const set = {
    summary: 'Set a limit, or another one',
    body: newLimitSchema,
    response: { 200: limitSchema, ...failures },
  }
  typed.post('/v1/organization/limits', { schema: set }, async ({ caller, body }) => {
    const { subject, metric, period, maximum } = body
    await store.together([
      plan.limits.set(caller.organisation, { subject, metric, period, maximum }),
      plan.audit.append(caller.organisation, {
        actor: actorOf(caller),
        action: 'limit.set',
        target: subject,
        detail: { metric, period, maximum },
      }),
    ])
    metering.forget(caller.organisation)
    return { object: 'organization.limit' as const, subject, metric, period, maximum }
  })
  const remove = {
    summary: 'Remove a limit',
    querystring: limitNameSchema,
    response: { 200: listOf(limitSchema), ...failures },
  }
  typed.delete('/v1/organization/limits', { schema: remove }, async ({ caller, query }) => {
    await store.together([
      plan.limits.remove(caller.organisation, query),
      plan.audit.append(caller.organisation, {
        actor: actorOf(caller),
        action: 'limit.removed',
        target: query.subject,
        detail: { metric: query.metric, period: query.period },
      }),
    ])
    metering.forget(caller.organisation)
    return shown(caller.organisation)
  })
  priceRoutes(app, store, metering)
}

function priceRoutes(app: FastifyInstance, store: Store, metering: Metering): void {
  const typed = app.withTypeProvider<ZodTypeProvider>()
  const all = { summary: 'What a million tokens cost', response: { 200: listOf(priceSchema), ...failures } }
  typed.get('/v1/organization/prices', { schema: all }, async ({ caller }) => ({
    object: 'list' as const,
    data: (await store.prices.list(caller.organisation)).map(shownPrice),
  }))
  const set = { summary: 'Set a model’s price', body: newPriceSchema, response: { 200: priceSchema, ...failures } }
  typed.post('/v1/organization/prices', { schema: set }, async ({ caller, body }) => {
    const { model, currency } = body
    const rate = (each: 'input' | 'cached' | 'output') => Math.round(body[each] * billion)
    const since = body.since === undefined ? Date.now() : body.since * 1000
    const price = { model, currency, since, input: rate('input'), cached: rate('cached'), output: rate('output') }
    await store.together([
      store.plan.prices.set(caller.organisation, price),
      store.plan.audit.append(caller.organisation, {
        actor: actorOf(caller),
        action: 'price.set',
        target: model,
        detail: price,
      }),
    ])
    metering.forget(caller.organisation)
    return shownPrice(price)
  })
}

export const shownPrice = (price: Price) => ({
  object: 'organization.price' as const,
  model: price.model.replace(/^~/, ''),
  by: price.model.startsWith('~') ? ('installation' as const) : ('organization' as const),
  currency: price.currency,
  input: price.input / billion,
  cached: price.cached / billion,
  output: price.output / billion,
  since: Math.floor(price.since / 1000),
})
